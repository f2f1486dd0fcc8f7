/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lanes among the descriptors of the process, so that a test can end them as a network would. */

/* Returns the server's end of a lane, or -1. The server is in this process and listens at PORT. TCP
 * says which kind is looked for. */
int test_lane_find_of_server  (guint16   port,
                               gboolean  tcp);
/* Returns the client's end of a lane, or -1. The server is in another process and listens at
 * PORT. */
int test_lane_find_of_client  (guint16   port);
/* Returns the first end, from the descriptor FROM, of an ordinary connection to the server, or -1.
 * The server is in another process and listens at PORT of TCP. */
int test_lane_find_ordinary   (guint16   port,
                               int       from);
/* Ends the lane for both ends, if it has not ended yet. */
void test_lane_cut            (int       fd);

G_END_DECLS
