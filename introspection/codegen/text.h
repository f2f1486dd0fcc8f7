/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Spellings of a name: "videoUrl", "video_url" and "VideoURL" all become the same. */
char     *text_to_snake     (const char  *name);  /* "video_url" */
char     *text_to_camel     (const char  *name);  /* "VideoUrl" */
char     *text_to_hyphens   (const char  *snake); /* "video-url" */

/* Whether NAME has only what identifiers of C may have, and at least one letter or digit. */
gboolean  text_is_plain     (const char  *name);

/* TEXT as a literal of C, and of Vala: in quotes, escaped. */
char     *text_to_c_literal    (const char *text);
char     *text_to_vala_literal (const char *text);

/* NUMBER, which is finite, as a literal of a double in C and in Vala. */
char     *text_to_double_literal (double number);

/* What people have written, made harmless within a comment: no end of a comment, no lines of its
 * own. */
char     *text_to_comment   (const char  *text);

/* TEXT in lines of at most 98 bytes that start with PREFIX. */
char     *text_wrap         (const char  *prefix,
                             const char  *text);

G_END_DECLS
