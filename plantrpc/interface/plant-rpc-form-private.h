/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The form of an interface that travels and is written to files: a{sv} within a{sv}. What is read
 * comes from a JSON file or from a peer, so nothing about it is taken for granted. Errors are
 * PLANT_RPC_ERROR_INVALID_INTERFACE. */

/* Whether FORM is an object, a{sv}. */
gboolean  plant_rpc_form_check         (GVariant     *form,
                                        GError      **error);

/* A member of FORM, out of its variants and maybes; NULL where it is missing or null. */
GVariant *plant_rpc_form_lookup        (GVariant     *form,
                                        const char   *key);

/* These leave RESULT alone where the member is missing or null. */
gboolean  plant_rpc_form_read_string   (GVariant     *form,
                                        const char   *key,
                                        char        **result,
                                        GError      **error);
gboolean  plant_rpc_form_read_boolean  (GVariant     *form,
                                        const char   *key,
                                        gboolean     *result,
                                        GError      **error);

/* VALUE out of its variants and maybes; NULL where it is null. */
GVariant *plant_rpc_form_open          (GVariant     *value);

/* Any integer from MINIMUM to MAXIMUM. */
gboolean  plant_rpc_form_get_integer   (GVariant     *value,
                                        gint64        minimum,
                                        gint64        maximum,
                                        gint64       *result,
                                        GError      **error);

/* The name of a member's GObject property or signal: the form's own, else one made of WIRE_NAME. */
char     *plant_rpc_form_dup_name      (GVariant     *form,
                                        const char   *wire_name,
                                        GError      **error);

/* Adds "name" where it does not follow from WIRE_NAME, and a string where there is one. */
void      plant_rpc_form_add_name      (GVariantBuilder *builder,
                                        const char      *name,
                                        const char      *wire_name);
void      plant_rpc_form_add_string    (GVariantBuilder *builder,
                                        const char      *key,
                                        const char      *value);

G_END_DECLS
