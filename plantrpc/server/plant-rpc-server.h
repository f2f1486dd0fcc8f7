/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include "plant-rpc-authenticator.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info.h"
#include "plant-rpc-invocation.h"
#include "plant-rpc-keypair.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_SERVER (plant_rpc_server_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (PlantRpcServer, plant_rpc_server, PLANT_RPC, SERVER, GObject)

/**
 * PlantRpcMethodHandler:
 * @invocation: the call
 * @user_data: the data that was given with the handler
 * @error: return location for an error, which is sent to the caller
 *
 * Runs a method. The handler answers through @invocation, at once or later, or sets @error. Any
 * error may be set. The caller gets its message, and also its code if it is a code of [error@Error]
 * that a peer may send.
 *
 * Runs in the main context of the server, or on a worker thread if it was registered with
 * %PLANT_RPC_METHOD_FLAGS_BLOCKING.
 *
 * Since: 1.0
 */
typedef void     (*PlantRpcMethodHandler) (PlantRpcInvocation  *invocation,
                                           gpointer             user_data,
                                           GError             **error);

/**
 * PlantRpcWriteHandler:
 * @invocation: the write
 * @name: the GObject name of the property
 * @value: the new value, of the property's type and in its range
 * @user_data: the data that was given with the handler
 * @error: return location for an error: the reason why the write is refused
 *
 * Decides about a write from a peer, in the main context of the server. Any error refuses the
 * write, and the writer gets its message.
 *
 * Returns: %TRUE to accept the write, so that the server sets the property and informs the writer;
 *   %FALSE without an error if the handler answers through @invocation, at once or later
 *
 * Since: 1.0
 */
typedef gboolean (*PlantRpcWriteHandler)  (PlantRpcInvocation  *invocation,
                                           const char          *name,
                                           GVariant            *value,
                                           gpointer             user_data,
                                           GError             **error);

/**
 * PlantRpcReadHandler:
 * @invocation: the read
 * @name: the GObject name of the property
 * @user_data: the data that was given with the handler
 * @error: return location for an error: the reason why the property cannot be read
 *
 * Decides how a property is read: from the object, or by the handler itself, which then answers
 * with the value or an error. Any error may be set. The reader gets its message.
 *
 * It is called for each value that the server sends: when a peer reads the property, when it reads
 * all properties, after its write, and when the property has changed. Only a peer that reads one
 * property waits for an answer that comes later. If all properties are read, that one is left out,
 * and a plantrpc client asks for it then. A change is sent when the answer is there.
 *
 * Runs in the main context of the server, or on a worker thread for a property for which
 * [method@Server.set_read_flags] has set %PLANT_RPC_METHOD_FLAGS_BLOCKING.
 *
 * Returns: %TRUE to have the server read the property of the object in its main context; %FALSE
 *   without an error if the handler answers through @invocation, at once or later
 *
 * Since: 1.0
 */
typedef gboolean (*PlantRpcReadHandler)   (PlantRpcInvocation  *invocation,
                                           const char          *name,
                                           gpointer             user_data,
                                           GError             **error);

/**
 * PlantRpcServerClass:
 * @parent_class: the parent class
 * @write_property: decides about a write, like [callback@WriteHandler], if no handler was set. The
 *   default accepts every write.
 * @read_property: decides how a property is read, like [callback@ReadHandler], if no handler was
 *   set. The default reads the property of the object.
 *
 * The class of [class@Server].
 *
 * Since: 1.0
 */
struct _PlantRpcServerClass {
  GObjectClass parent_class;

  gboolean (*write_property) (PlantRpcServer      *self,
                              PlantRpcInvocation  *invocation,
                              const char          *name,
                              GVariant            *value,
                              GError             **error);
  gboolean (*read_property)  (PlantRpcServer      *self,
                              PlantRpcInvocation  *invocation,
                              const char          *name,
                              GError             **error);

  /*< private >*/
  gpointer padding[11];
};

PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcServer        *plant_rpc_server_new                    (GObject                *object,
                                                                const char             *url);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_register_method_json   (PlantRpcServer         *self,
                                                                const char             *name,
                                                                const char             *signature,
                                                                int                     timeout,
                                                                PlantRpcMethodFlags     flags,
                                                                PlantRpcMethodHandler   handler,
                                                                gpointer                user_data,
                                                                GDestroyNotify          notify);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_register_method_buffer (PlantRpcServer        *self,
                                                                const char            *name,
                                                                const char            *signature,
                                                                int                    timeout,
                                                                PlantRpcMethodFlags    flags,
                                                                PlantRpcMethodHandler  handler,
                                                                gpointer               user_data,
                                                                GDestroyNotify         notify);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_set_write_handler      (PlantRpcServer         *self,
                                                                PlantRpcWriteHandler    handler,
                                                                gpointer                user_data,
                                                                GDestroyNotify          notify);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_set_read_handler       (PlantRpcServer         *self,
                                                                PlantRpcReadHandler     handler,
                                                                gpointer                user_data,
                                                                GDestroyNotify          notify);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_set_read_flags         (PlantRpcServer         *self,
                                                                const char             *name,
                                                                PlantRpcMethodFlags     flags);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_hide_member            (PlantRpcServer         *self,
                                                                const char             *name);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_start                  (PlantRpcServer         *self,
                                                                GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_stop                   (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_serve_forever          (PlantRpcServer         *self,
                                                                GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
GObject               *plant_rpc_server_get_object             (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_server_get_url                (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
guint                  plant_rpc_server_get_port               (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_get_running            (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_server_get_name               (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_set_name               (PlantRpcServer         *self,
                                                                const char             *name);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_server_get_uuid               (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_server_get_peer_address       (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_get_allow_stop         (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_set_allow_stop         (PlantRpcServer         *self,
                                                                gboolean                allow_stop);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcInterfaceInfo *plant_rpc_server_dup_interface          (PlantRpcServer         *self);

PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_register_to_registry   (PlantRpcServer       *self,
                                                                const char           *device_type,
                                                                const char           *name,
                                                                const char           *registry_url,
                                                                gboolean              overwrite,
                                                                GCancellable         *cancellable,
                                                                GAsyncReadyCallback   callback,
                                                                gpointer              user_data);
PLANT_RPC_AVAILABLE_IN_1_0
char                  *plant_rpc_server_register_to_registry_finish (PlantRpcServer  *self,
                                                                     GAsyncResult    *result,
                                                                     GError         **error);
PLANT_RPC_AVAILABLE_IN_1_0
char                  *plant_rpc_server_register_to_registry_sync   (PlantRpcServer  *self,
                                                                     const char      *device_type,
                                                                     const char      *name,
                                                                     const char      *registry_url,
                                                                     gboolean         overwrite,
                                                                     GCancellable    *cancellable,
                                                                     GError         **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_unregister             (PlantRpcServer         *self,
                                                                GCancellable           *cancellable,
                                                                GAsyncReadyCallback     callback,
                                                                gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_unregister_finish      (PlantRpcServer         *self,
                                                                GAsyncResult           *result,
                                                                GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_unregister_sync        (PlantRpcServer         *self,
                                                                GCancellable           *cancellable,
                                                                GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_get_registered         (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
guint                  plant_rpc_server_get_alive_timeout      (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_set_alive_timeout      (PlantRpcServer         *self,
                                                                guint                   seconds);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_server_get_exit_without_registry (PlantRpcServer      *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_server_set_exit_without_registry (PlantRpcServer *self,
                                                                   gboolean        exit);

PLANT_RPC_AVAILABLE_IN_1_1
guint                  plant_rpc_server_get_max_peer_calls     (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_server_set_max_peer_calls     (PlantRpcServer         *self,
                                                                guint                   n_calls);
PLANT_RPC_AVAILABLE_IN_1_1
guint64                plant_rpc_server_get_max_unread         (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_server_set_max_unread         (PlantRpcServer         *self,
                                                                guint64                 n_bytes);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair       *plant_rpc_server_get_keypair            (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_server_set_keypair            (PlantRpcServer         *self,
                                                                PlantRpcKeypair        *keypair);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcAuthenticator *plant_rpc_server_get_authenticator      (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_server_set_authenticator      (PlantRpcServer         *self,
                                                             PlantRpcAuthenticator  *authenticator);
PLANT_RPC_AVAILABLE_IN_1_1
const char            *plant_rpc_server_get_unsecured_url      (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_server_set_unsecured_url      (PlantRpcServer         *self,
                                                                const char             *url);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRole           plant_rpc_server_get_unsecured_role     (PlantRpcServer         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_server_set_unsecured_role     (PlantRpcServer         *self,
                                                                PlantRpcRole            role);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean               plant_rpc_server_secure                 (PlantRpcServer         *self,
                                                                const char             *name,
                                                                GError                **error);
PLANT_RPC_AVAILABLE_IN_1_1
char                  *plant_rpc_server_invite                 (PlantRpcServer         *self,
                                                                PlantRpcRole            role,
                                                                guint                   lifetime,
                                                                GError                **error);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_server_set_member_role        (PlantRpcServer         *self,
                                                                const char             *name,
                                                                PlantRpcRole            role);

G_END_DECLS
