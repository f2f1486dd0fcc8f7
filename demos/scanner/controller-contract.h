/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* What a Plant Imager scan controller and its clients agree on. The properties, their change
 * signals and the methods from set_db_url to run_scan are Plant Imager's own; abort_scan and
 * get_picture are of this controller alone. */

#define SCANNER_TYPE_CONTROLLER_CONTRACT (scanner_controller_contract_get_type ())

G_DECLARE_INTERFACE (ScannerControllerContract, scanner_controller_contract, SCANNER,
                     CONTROLLER_CONTRACT, GObject)

struct _ScannerControllerContractInterface
{
  GTypeInterface parent_interface;
};

enum
{
  SCANNER_METHOD_SET_DB_URL,
  SCANNER_METHOD_SET_CONFIG,
  SCANNER_METHOD_SET_DATASET_NAME,
  SCANNER_METHOD_SET_API_TOKEN,
  SCANNER_METHOD_RUN_SCAN,
  SCANNER_METHOD_ABORT_SCAN,
  SCANNER_METHOD_GET_PICTURE,
  SCANNER_N_METHODS,
};

typedef struct
{
  const char *name;
  const char *signature;
  gboolean    buffer;
  int         timeout; /* in ms */
} ScannerMethod;

extern const ScannerMethod scanner_controller_methods[SCANNER_N_METHODS];

G_END_DECLS
