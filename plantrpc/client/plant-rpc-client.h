/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <gio/gio.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-property.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_CLIENT (plant_rpc_client_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (PlantRpcClient, plant_rpc_client, PLANT_RPC, CLIENT, GObject)

/**
 * PlantRpcClientClass:
 * @parent_class: the parent class
 *
 * The class of [class@Client].
 *
 * Since: 1.0
 */
struct _PlantRpcClientClass {
  GObjectClass parent_class;

  /*< private >*/
  gpointer padding[12];
};

/* How one comes to be. */
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_new                   (const char             *url);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_new_for_type          (GType                   type,
                                                               const char             *url,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_new_for_device        (GType                   type,
                                                               const char             *registry_url,
                                                               const char             *device,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_follow_device         (PlantRpcClient         *self,
                                                               const char             *registry_url,
                                                               const char             *device);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_new_for_interface     (PlantRpcInterfaceInfo  *info,
                                                               const char             *url,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
GType                  plant_rpc_client_type_for_type         (GType                   type,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
GType                  plant_rpc_client_type_for_interface    (PlantRpcInterfaceInfo  *info,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_discover              (const char             *url,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_discover_finish       (GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_discover_sync         (const char             *url,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_discover_device       (const char             *registry_url,
                                                               const char             *device,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_discover_device_finish
                                                              (GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient        *plant_rpc_client_discover_device_sync  (const char             *registry_url,
                                                               const char             *device,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GError                **error);

/* What is known of the other side. */
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_client_get_url               (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcState          plant_rpc_client_get_state             (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_is_context_owner      (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_is_ready              (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcWire           plant_rpc_client_get_wire              (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const GError          *plant_rpc_client_get_last_error        (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_client_get_last_traceback    (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcInterfaceInfo *plant_rpc_client_get_interface         (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char *const     *plant_rpc_client_get_missing           (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_client_get_name              (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_client_get_own_address       (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_client_get_peer_address      (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
int                    plant_rpc_client_get_timeout           (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_set_timeout           (PlantRpcClient         *self,
                                                               int                     timeout);
PLANT_RPC_AVAILABLE_IN_1_0
int                    plant_rpc_client_get_property_timeout  (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_set_property_timeout  (PlantRpcClient         *self,
                                                               int                     timeout);
PLANT_RPC_AVAILABLE_IN_1_0
int                    plant_rpc_client_get_send_timeout      (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_set_send_timeout      (PlantRpcClient         *self,
                                                               int                     timeout);
PLANT_RPC_AVAILABLE_IN_1_0
guint                  plant_rpc_client_get_heartbeat_interval (PlantRpcClient        *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_set_heartbeat_interval (PlantRpcClient        *self,
                                                                guint                  interval);
PLANT_RPC_AVAILABLE_IN_1_0
guint                  plant_rpc_client_get_n_late_replies    (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
guint                  plant_rpc_client_get_n_dropped         (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcProperty      *plant_rpc_client_lookup_property       (PlantRpcClient         *self,
                                                               const char             *name);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_client_get_cached_property   (PlantRpcClient         *self,
                                                               const char             *name);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_close                 (PlantRpcClient         *self);

/* Waiting. */
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_wait_ready            (PlantRpcClient         *self,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_wait_ready_finish     (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_wait_ready_sync       (PlantRpcClient         *self,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_flush                 (PlantRpcClient         *self,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_flush_finish          (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_flush_sync            (PlantRpcClient         *self,
                                                               GCancellable           *cancellable,
                                                               GError                **error);

/* Methods. */
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_call                  (PlantRpcClient         *self,
                                                               const char             *method,
                                                               GVariant               *args,
                                                               GVariant               *kwargs,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_client_call_finish           (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_client_call_sync             (PlantRpcClient         *self,
                                                               const char             *method,
                                                               GVariant               *args,
                                                               GVariant               *kwargs,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_call_buffer           (PlantRpcClient         *self,
                                                               const char             *method,
                                                               GVariant               *args,
                                                               GVariant               *kwargs,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
GBytes                *plant_rpc_client_call_buffer_finish    (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GVariant              **info,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
GBytes                *plant_rpc_client_call_buffer_sync      (PlantRpcClient         *self,
                                                               const char             *method,
                                                               GVariant               *args,
                                                               GVariant               *kwargs,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GVariant              **info,
                                                               GError                **error);

/* Properties by name. */
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_read_property         (PlantRpcClient         *self,
                                                               const char             *name,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_client_read_property_finish  (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_client_read_property_sync    (PlantRpcClient         *self,
                                                               const char             *name,
                                                               GCancellable           *cancellable,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_write_property        (PlantRpcClient         *self,
                                                               const char             *name,
                                                               GVariant               *value,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_write_property_finish (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_write_property_sync   (PlantRpcClient         *self,
                                                               const char             *name,
                                                               GVariant               *value,
                                                               GCancellable           *cancellable,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_refresh               (PlantRpcClient         *self,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_refresh_finish        (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_refresh_sync          (PlantRpcClient         *self,
                                                               GCancellable           *cancellable,
                                                               GError                **error);

/* Trust. */
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_client_try_again             (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair       *plant_rpc_client_get_keypair           (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_client_set_keypair           (PlantRpcClient         *self,
                                                               PlantRpcKeypair        *keypair);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcUnknownDevices plant_rpc_client_get_unknown_devices   (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                   plant_rpc_client_set_unknown_devices   (PlantRpcClient         *self,
                                                               PlantRpcUnknownDevices
                                                                                  unknown_devices);
PLANT_RPC_AVAILABLE_IN_1_1
char                  *plant_rpc_client_dup_unknown_key       (PlantRpcClient         *self);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean               plant_rpc_client_accept_key            (PlantRpcClient         *self,
                                                               const char             *key,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRole           plant_rpc_client_get_role              (PlantRpcClient         *self);

/* For Python. */
PLANT_RPC_AVAILABLE_IN_1_0
guint8                *plant_rpc_client_call_marshal_sync     (PlantRpcClient         *self,
                                                               const char             *method,
                                                               const guint8           *data,
                                                               gsize                   size,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               gsize                  *length);
PLANT_RPC_AVAILABLE_IN_1_0
guint8                *plant_rpc_client_read_marshal_sync     (PlantRpcClient         *self,
                                                               const char             *name,
                                                               GCancellable           *cancellable,
                                                               gsize                  *length);
PLANT_RPC_AVAILABLE_IN_1_0
guint8                *plant_rpc_client_write_marshal_sync    (PlantRpcClient         *self,
                                                               const char             *name,
                                                               const guint8           *data,
                                                               gsize                   size,
                                                               GCancellable           *cancellable,
                                                               gsize                  *length);

/* For JavaScript. */
PLANT_RPC_AVAILABLE_IN_1_0
char                  *plant_rpc_client_call_json_sync        (PlantRpcClient         *self,
                                                               const char             *method,
                                                               const char             *args,
                                                               const char             *kwargs,
                                                               int                     timeout,
                                                               GCancellable           *cancellable,
                                                               GVariant              **value,
                                                               GError                **error);

/* The server. */
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_client_stop_server           (PlantRpcClient         *self,
                                                               GCancellable           *cancellable,
                                                               GAsyncReadyCallback     callback,
                                                               gpointer                user_data);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_stop_server_finish    (PlantRpcClient         *self,
                                                               GAsyncResult           *result,
                                                               GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_client_stop_server_sync      (PlantRpcClient         *self,
                                                               GCancellable           *cancellable,
                                                               GError                **error);

G_END_DECLS
