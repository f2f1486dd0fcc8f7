/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-members-private.h"

G_BEGIN_DECLS

struct _PlantRpcParameterInfo {
  gatomicrefcount  ref_count;
  char            *name;          /* (owned) */
  char            *type_string;   /* (owned): "v" takes all */
  GVariant        *default_value; /* (owned) (nullable); NULL if the argument is required */
};

struct _PlantRpcMethodInfo {
  gatomicrefcount  ref_count;
  char            *name;        /* (owned): the wire name */
  char            *signature;   /* (owned) (nullable): as declared; NULL if it is unknown */
  GPtrArray       *parameters;  /* (owned) (nullable) (element-type PlantRpcParameterInfo) */
  char            *return_type; /* (owned) (nullable): GVariant type; "v" is any, "()" is none */
  gboolean         buffer;
  int              timeout;     /* ms, or PLANT_RPC_TIMEOUT_NONE */
  PlantRpcRole     role;        /* that a secured server asks for */
};

struct _PlantRpcPropertyInfo {
  gatomicrefcount  ref_count;
  char            *name;          /* (owned): the GObject name, lower case with hyphens */
  char            *wire_name;     /* (owned) */
  char            *type_string;   /* (owned): GVariant type; "" if it is unknown */
  gboolean         untyped;       /* TRUE: the peer tells no types, so TYPE_STRING is that of one
                                     value, and the next value may have another */
  char            *type_name;     /* (owned) (nullable): name of the enumeration's GType */
  GStrv            choices;       /* (owned) (nullable): nicks, of an enumeration or flags */
  gint            *choice_values; /* (owned) (nullable): their numbers, in the same order */
  gboolean         readable;
  gboolean         writable;
  PlantRpcRole     role;          /* that a secured server asks for to write it */
  GVariant        *default_value; /* (owned) (nullable) */
  GVariant        *minimum;       /* (owned) (nullable) */
  GVariant        *maximum;       /* (owned) (nullable) */
  double           step;          /* 0 if there is none */
  char            *unit;          /* (owned) (nullable) */
  char            *description;   /* (owned) (nullable) */
  char            *change_signal; /* (owned) (nullable): wire name of that signal */
  GParamSpec      *pspec;         /* (owned) (nullable): that of a template; it does not travel */
};

struct _PlantRpcSignalInfo {
  gatomicrefcount  ref_count;
  char            *name;      /* (owned): the GObject name */
  char            *wire_name; /* (owned) */
  char            *signature; /* (owned) (nullable): types of the arguments, as in "(si)" */
  char            *property;  /* (owned) (nullable): GObject name of the property it is about */
  gboolean         implicit;  /* TRUE: it stands for a notify, and the object does not declare it */
  gboolean         untyped;   /* TRUE: the peer tells no types, so the arguments may have any */
  guint            n_params;
  GType           *param_types; /* (owned) (nullable): those of a template; they do not travel */
};

struct _PlantRpcInterfaceInfo {
  gatomicrefcount  ref_count;
  PlantRpcMembers  methods;
  PlantRpcMembers  properties;
  PlantRpcMembers  signals;
  GVariant        *form; /* (owned) (nullable): NULL until it is wanted */
  char            *hash; /* (owned) (nullable): likewise */
  GBytes          *told; /* (owned) (nullable): by which it is known to
                            plant-rpc-known-interfaces */
};

/* New members, which the files of this folder fill in before others see them. A new property is
 * readable and writable. SIGNATURE must have been checked. */
PlantRpcParameterInfo *plant_rpc_parameter_info_new            (void);
PlantRpcPropertyInfo  *plant_rpc_property_info_new             (const char            *name,
                                                                const char            *wire_name,
                                                                const char            *type_string);
PlantRpcSignalInfo    *plant_rpc_signal_info_new               (const char            *name,
                                                                const char            *wire_name,
                                                                const char            *signature);

/* An interface without members, which plant_rpc_members_take() adds. It does not change any more
 * once others see it. */
PlantRpcInterfaceInfo *plant_rpc_interface_info_new             (void);
/* Frees an interface whose last reference is dropped. */
void                   plant_rpc_interface_info_free            (PlantRpcInterfaceInfo *self);

/* Returns the interface in the form in which it travels (a{sv}). */
GVariant              *plant_rpc_interface_info_get_form        (PlantRpcInterfaceInfo *self);
/* Returns the hash of the form, and of all else that a runtime type depends on, in hexadecimal. */
const char            *plant_rpc_interface_info_get_hash        (PlantRpcInterfaceInfo *self);

/* Makes an interface from the inventory of a peer that tells names only (Plant Imager's). METHODS
 * maps names to timeouts ("x", or an empty maybe). Names that cannot be used are left out, and
 * SKIPPED (element-type utf8, nullable, with g_free) gets the reasons. VALUES (a{sv}, wire name to
 * value, nullable) give the type strings of properties: b for a boolean, d for any number, s for a
 * string, as for a list of strings, and v for anything else. All members are untyped. Fails with
 * PLANT_RPC_ERROR_PROTOCOL if it is no inventory, and with PLANT_RPC_ERROR_LIMIT if there are too
 * many members. */
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_from_inventory (GVariant    *json_methods,
                                                                    GVariant    *buffer_methods,
                                                                    GVariant    *property_names,
                                                                    GVariant    *signal_names,
                                                                    GVariant    *values,
                                                                    GPtrArray   *skipped,
                                                                    GError     **error);

/* Returns whether an inventory may have so many MEMBERS of one kind. */
gboolean               plant_rpc_interface_info_check_count     (GVariant           *members,
                                                                 GError            **error);

/* Packs what a server tells about an interface in reply to GET_INVENTORY. Unless INSTANCE is NULL,
 * it offers the native wire, and tells the client that it has ROLE, and the ids of RELAYS
 * (nullable). */
GBytes                *plant_rpc_interface_info_pack_inventory  (PlantRpcInterfaceInfo  *self,
                                                                 const char             *name,
                                                                 const char             *instance,
                                                                 PlantRpcRole            role,
                                                                 const char *const      *relays,
                                                                 GError                **error);

/* Like …_new_for_type(), for the object that a server exports. It has only members that are
 * declared below BASE, under their own names even if those are reserved, and without those in
 * HIDDEN, in either spelling. METHODS (element-type PlantRpcMethodInfo) are added. A method of
 * METHODS replaces a declared one of that name, whose signature it keeps if it has none. Each
 * readable property without a change signal gets one. */
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_for_export (GType               type,
                                                                GType               base,
                                                                const char *const  *hidden,
                                                                GPtrArray          *methods,
                                                                GError            **error);

/* Returns the time that a method may take, in ms, from what the inventory TOLD:
 * PLANT_RPC_TIMEOUT_NONE for null and a negative number, PLANT_RPC_TIMEOUT_DEFAULT for 0 and for
 * anything that is not a number. */
int                    plant_rpc_interface_info_read_timeout    (GVariant          *told);

PlantRpcInterfaceInfo *plant_rpc_interface_info_new_from_variant (GVariant              *variant,
                                                                  GError               **error);

/* Look up a member by its exact name on the wire, in constant time. The public lookups accept
 * either spelling. */
PlantRpcMethodInfo    *plant_rpc_interface_info_find_method     (PlantRpcInterfaceInfo  *self,
                                                                 const char             *wire_name);
PlantRpcPropertyInfo  *plant_rpc_interface_info_find_property   (PlantRpcInterfaceInfo  *self,
                                                                 const char             *wire_name);
PlantRpcSignalInfo    *plant_rpc_interface_info_find_signal     (PlantRpcInterfaceInfo  *self,
                                                                 const char             *wire_name);

/* Sets the signature, as in "lores: b = false, size: (ii) -> d". A parameter without a type has the
 * type "v". The default is in GVariant's text format. A method with the signature "" has no
 * parameters. With NULL the parameters are unknown, and all arguments are accepted. */
PlantRpcMethodInfo    *plant_rpc_method_info_new                (const char             *name,
                                                                 const char             *signature,
                                                                 gboolean                buffer,
                                                                 int                     timeout,
                                                                 GError                **error);

/* Binds arguments as Python does: ARGS (av) in the order of the parameters, KWARGS (a{sv}) by name,
 * and defaults for the rest. Each is converted to its type. Returns all arguments as av, never
 * floating. Fails with PLANT_RPC_ERROR_INVALID_ARGUMENTS, and the message names the parameter.
 * Without a signature (self->parameters is NULL) it returns ARGS, and the caller passes KWARGS
 * on. */
GVariant              *plant_rpc_method_info_bind               (PlantRpcMethodInfo     *self,
                                                                 GVariant               *args,
                                                                 GVariant               *kwargs,
                                                                 GError                **error);

/* Converts what a method returned (nullable) strictly to its return type. The result is never
 * floating. Nothing becomes "()". Fails with PLANT_RPC_ERROR_INVALID_VALUE. */
GVariant              *plant_rpc_method_info_fit                (PlantRpcMethodInfo     *self,
                                                                 GVariant               *value,
                                                                 GError                **error);

G_END_DECLS
