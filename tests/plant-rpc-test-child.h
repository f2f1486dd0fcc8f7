/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The independent server of Plant Imager's wire (tests/peer/server.py) as a process of its own. It
 * does not survive what the original does not, and tells who did it. */
typedef struct _TestChild TestChild;

/* DEVICE: camera or extended. */
TestChild  *test_child_new     (int          generation,
                                const char  *device);
/* Ends it, and fails the test if a client has done what none may. */
void        test_child_free    (TestChild   *self);
const char *test_child_get_url (TestChild   *self);

/* One command to its control socket, as a JSON object; the answer. */
GVariant   *test_child_command (TestChild   *self,
                                const char  *format,
                                ...) G_GNUC_PRINTF (2, 3);
/* The same, where only success counts. */
void        test_child_order   (TestChild   *self,
                                const char  *format,
                                ...) G_GNUC_PRINTF (2, 3);
/* Until all it was ordered to do has been done. */
void        test_child_settle  (TestChild   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestChild, test_child_free)

G_END_DECLS
