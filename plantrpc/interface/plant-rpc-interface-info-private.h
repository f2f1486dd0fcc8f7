/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info.h"
#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* One parameter of a method. */
typedef struct {
  char     *name;          /* (owned) */
  char     *type_string;   /* (owned): "v" takes all */
  GVariant *default_value; /* (owned) (nullable): NULL when the argument must be given */
} PlantRpcParameter;

struct _PlantRpcMethodInfo {
  gatomicrefcount  ref_count;
  char            *name;        /* (owned): the wire name */
  char            *signature;   /* (owned) (nullable): as declared; NULL when not known */
  GArray          *parameters;  /* (owned) (nullable) (element-type PlantRpcParameter) */
  char            *return_type; /* (owned) (nullable): GVariant type; "v" takes all, "()" nothing */
  gboolean         buffer;
  int              timeout;     /* ms, or PLANT_RPC_TIMEOUT_NONE */
};

struct _PlantRpcPropertyInfo {
  gatomicrefcount  ref_count;
  char            *name;          /* (owned): the GObject name, lower case with hyphens */
  char            *wire_name;     /* (owned) */
  char            *type_string;   /* (owned): GVariant type; "" when not known (an untyped peer) */
  char            *type_name;     /* (owned) (nullable): of the enumeration, where it is from */
  GStrv            choices;       /* (owned) (nullable): nicks, of an enumeration or flags */
  gint            *choice_values; /* (owned) (nullable): their numbers, in the same order */
  gboolean         readable;
  gboolean         writable;
  GVariant        *default_value; /* (owned) (nullable) */
  GVariant        *minimum;       /* (owned) (nullable) */
  GVariant        *maximum;       /* (owned) (nullable) */
  char            *unit;          /* (owned) (nullable) */
  char            *description;   /* (owned) (nullable) */
  char            *change_signal; /* (owned) (nullable): wire name of the signal that does */
  GParamSpec      *pspec;         /* (owned) (nullable): of the template, not serialised */
};

struct _PlantRpcSignalInfo {
  gatomicrefcount  ref_count;
  char            *name;      /* (owned): the GObject name */
  char            *wire_name; /* (owned) */
  char            *signature; /* (owned) (nullable): types of the arguments, as in "(si)" */
  char            *property;  /* (owned) (nullable): GObject name of what it tells of */
  gboolean         implicit;  /* not declared by the object: its notify is sent under this name */
  guint            n_params;
  GType           *param_types; /* (owned) (nullable): of a template's signal, not serialised */
};

/* From a live peer that tells only names (Plant Imager's inventory). METHODS: name to timeout
 * ("x", or an empty maybe). Names that cannot be used are left out, with the reason in SKIPPED
 * (element-type utf8, nullable; with g_free). PLANT_RPC_ERROR_PROTOCOL for what is no inventory,
 * PLANT_RPC_ERROR_LIMIT for too many members.
 * VALUES (a{sv}, wire name to value, nullable) give the types of properties: bool b; any number d;
 * string s; array of strings as; all else, and null and empty lists, v. */
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_from_inventory (GVariant    *json_methods,
                                                                    GVariant    *buffer_methods,
                                                                    GVariant    *property_names,
                                                                    GVariant    *signal_names,
                                                                    GVariant    *values,
                                                                    GPtrArray   *skipped,
                                                                    GError     **error);

/* As …_new_for_type(), for the object that a server exports: members declared below BASE only,
 * under their own names, reserved or not, without those in HIDDEN (in either spelling), with
 * METHODS (element-type PlantRpcMethodInfo) added, and an implicit change signal for each readable
 * property that has none of its own. A method of METHODS takes the place of a declared one of that
 * name, and its signature where it has none. */
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_for_export (GType               type,
                                                                GType               base,
                                                                const char *const  *hidden,
                                                                GPtrArray          *methods,
                                                                GError            **error);

/* Returns the time that a method may take, in ms, from what the inventory TOLD:
 * PLANT_RPC_TIMEOUT_NONE for null and a negative number, PLANT_RPC_TIMEOUT_DEFAULT for 0 and for
 * anything that is not a number. */
int                    plant_rpc_interface_info_read_timeout    (GVariant          *told);

/* The same members as GVariant (a{sv}), never floating: what travels in an inventory's extension,
 * and what to_json writes. */
GVariant              *plant_rpc_interface_info_to_variant      (PlantRpcInterfaceInfo  *self);
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_from_variant (GVariant              *variant,
                                                                  GError               **error);

/* A hash of the form and of all else that a runtime type depends on; a checksum in hexadecimal. */
const char            *plant_rpc_interface_info_get_hash        (PlantRpcInterfaceInfo  *self);

/* In declaration order; borrowed. */
GPtrArray             *plant_rpc_interface_info_get_methods     (PlantRpcInterfaceInfo  *self);
GPtrArray             *plant_rpc_interface_info_get_properties  (PlantRpcInterfaceInfo  *self);
GPtrArray             *plant_rpc_interface_info_get_signals     (PlantRpcInterfaceInfo  *self);

/* By the name on the wire, exactly: O(1). The public lookups take either spelling. */
PlantRpcMethodInfo    *plant_rpc_interface_info_find_method     (PlantRpcInterfaceInfo  *self,
                                                                 const char             *wire_name);
PlantRpcPropertyInfo  *plant_rpc_interface_info_find_property   (PlantRpcInterfaceInfo  *self,
                                                                 const char             *wire_name);
PlantRpcSignalInfo    *plant_rpc_interface_info_find_signal     (PlantRpcInterfaceInfo  *self,
                                                                 const char             *wire_name);

/* A signature: "name: type = default, … -> type", as in "lores: b = false, size: (ii) -> d"; type
 * "v" when left out, the default in GVariant text format. "" has no parameters. NULL: nothing is
 * known, all passes. */
PlantRpcMethodInfo    *plant_rpc_method_info_new                (const char             *name,
                                                                 const char             *signature,
                                                                 gboolean                buffer,
                                                                 int                     timeout,
                                                                 GError                **error);

/* Arguments as Python binds them: positional ones in declared order, named ones by name, defaults
 * for what is left out, each converted to its type; PLANT_RPC_ERROR_INVALID_ARGUMENTS with the
 * parameter's name otherwise. ARGS: av. KWARGS: a{sv}. The result is an av with all of them, never
 * floating. Without a signature (self->parameters is NULL) it is ARGS, and KWARGS is the caller's
 * to hand on. */
GVariant              *plant_rpc_method_info_bind               (PlantRpcMethodInfo     *self,
                                                                 GVariant               *args,
                                                                 GVariant               *kwargs,
                                                                 GError                **error);

/* What a method with a return type returned (nullable), strictly as that type: never floating.
 * Nothing, and "()", is "()"; any value for "v" is itself. TOLD: by a peer, whose null may be a NaN
 * that JSON cannot write; a handler that returns nothing has forgotten its number.
 * PLANT_RPC_ERROR_INVALID_VALUE. */
GVariant              *plant_rpc_method_info_fit                (PlantRpcMethodInfo     *self,
                                                                 GVariant               *value,
                                                                 gboolean                told,
                                                                 GError                **error);

G_END_DECLS
