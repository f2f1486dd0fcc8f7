/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"

void
c_write (Model       *model,
         const char  *include,
         char       **header,
         char       **source)
{
  GString *out = g_string_new (NULL);

  *header = c_write_header (model);
  scope_set (model->scope, "header", include);
  template_append (out, "source.tmpl", "head", model->scope);
  c_append_interface (out, model);
  c_append_client (out, model);
  c_append_skeleton (out, model);
  g_string_append_c (out, '\n');
  template_append (out, "source.tmpl", "tail", model->scope);
  *source = g_string_free (out, FALSE);
}
