/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

#include "log.h"

G_BEGIN_DECLS

typedef enum
{
  SCANNER_CONNECTION_CONNECTING,
  SCANNER_CONNECTION_CONNECTED,
  SCANNER_CONNECTION_BUSY,    /* it takes its time to answer, or works on something long */
  SCANNER_CONNECTION_STALE,   /* it has not answered in time: values are old */
  SCANNER_CONNECTION_REFUSED, /* connected, and a write was refused a moment ago */
  SCANNER_CONNECTION_GONE,    /* it cannot be reached; it is looked for */
  SCANNER_CONNECTION_LOCKED,  /* keys keep this application out */
  SCANNER_CONNECTION_DOUBTED, /* a registry lists it with a key that is not known for it */
} ScannerConnectionState;

#define SCANNER_TYPE_CONNECTION_STATE (scanner_connection_state_get_type ())
#define SCANNER_TYPE_CONNECTION (scanner_connection_get_type ())

GType                   scanner_connection_state_get_type     (void);

G_DECLARE_FINAL_TYPE (ScannerConnection, scanner_connection, SCANNER, CONNECTION, GObject)

ScannerConnection      *scanner_connection_new                (const char           *name,
                                                               const char           *device_type,
                                                               const char           *url,
                                                               ScannerLog           *log);
void                    scanner_connection_move               (ScannerConnection    *self,
                                                               const char           *url);
/* What a button says that makes the device trusted, or NULL if none is needed. */
const char             *scanner_connection_get_remedy         (ScannerConnection    *self);
/* Forgets the key that is known for the device, or remembers the one that is listed. */
void                    scanner_connection_trust              (ScannerConnection    *self);
void                    scanner_connection_close              (ScannerConnection    *self);
const char             *scanner_connection_get_name           (ScannerConnection    *self);
ScannerConnectionState  scanner_connection_get_state          (ScannerConnection    *self);
PlantRpcClient         *scanner_connection_get_client         (ScannerConnection    *self);
gboolean                scanner_connection_has_method         (ScannerConnection    *self,
                                                               const char           *method);
void                    scanner_connection_set_task           (ScannerConnection    *self,
                                                               const char           *task);
/* Calls are noted in the log. */
void                    scanner_connection_call               (ScannerConnection    *self,
                                                               const char           *method,
                                                               GVariant             *args,
                                                               int                   timeout,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
GVariant               *scanner_connection_call_finish        (ScannerConnection    *self,
                                                               GAsyncResult         *result,
                                                               GError              **error);
void                    scanner_connection_call_buffer        (ScannerConnection    *self,
                                                               const char           *method,
                                                               GVariant             *args,
                                                               int                   timeout,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
GBytes                 *scanner_connection_call_buffer_finish (ScannerConnection    *self,
                                                               GAsyncResult         *result,
                                                               GVariant            **info,
                                                               GError              **error);

G_END_DECLS
