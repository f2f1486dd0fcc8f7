/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The name server of a test. It is the resolver of the process until it is freed, and knows the
 * hosts that it is told of. It may be used from any thread. */
typedef struct _TestResolver TestResolver;

TestResolver *test_resolver_new        (void);
void          test_resolver_free       (TestResolver       *self);
/* ADDRESSES are separated by spaces. Questions that are not answered yet get this answer. */
void          test_resolver_set        (TestResolver       *self,
                                        const char         *host,
                                        const char         *addresses);
void          test_resolver_set_error  (TestResolver       *self,
                                        const char         *host,
                                        GResolverError      code);
/* Questions for HOST are not answered until it is set to something else. */
void          test_resolver_set_silent (TestResolver       *self,
                                        const char         *host);
/* Returns how often the host was asked for. */
guint         test_resolver_count      (TestResolver       *self,
                                        const char         *host);
/* Returns the number of questions that wait for an answer. */
guint         test_resolver_count_open (TestResolver       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestResolver, test_resolver_free)

G_END_DECLS
