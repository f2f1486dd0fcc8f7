/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "controller-contract.h"

const ScannerMethod scanner_controller_methods[SCANNER_N_METHODS] = {
  [SCANNER_METHOD_SET_DB_URL] = {
    "set_db_url", "url: s", FALSE, PLANT_RPC_TIMEOUT_DEFAULT
  },
  [SCANNER_METHOD_SET_CONFIG] = {
    "set_config", "config: a{sv}", FALSE, PLANT_RPC_TIMEOUT_DEFAULT
  },
  [SCANNER_METHOD_SET_DATASET_NAME] = {
    "set_dataset_name", "name: s", FALSE, PLANT_RPC_TIMEOUT_DEFAULT
  },
  [SCANNER_METHOD_SET_API_TOKEN] = {
    "set_api_token", "token: s", FALSE, PLANT_RPC_TIMEOUT_DEFAULT
  },
  [SCANNER_METHOD_RUN_SCAN] = {
    "run_scan", "", FALSE, PLANT_RPC_TIMEOUT_NONE
  },
  [SCANNER_METHOD_ABORT_SCAN] = {
    "abort_scan", "", FALSE, PLANT_RPC_TIMEOUT_DEFAULT
  },
  [SCANNER_METHOD_GET_PICTURE] = {
    "get_picture", "index: i", TRUE, PLANT_RPC_TIMEOUT_DEFAULT
  },
};

static void
declare_methods (GType type)
{
  for (guint i = 0; i < SCANNER_N_METHODS; i++)
    {
      const ScannerMethod *method = &scanner_controller_methods[i];

      plant_rpc_type_declare_method (type, method->name, method->signature, method->buffer,
                                     method->timeout);
    }
}

G_DEFINE_INTERFACE_WITH_CODE (ScannerControllerContract, scanner_controller_contract,
                              G_TYPE_OBJECT, declare_methods (g_define_type_id))

static void
scanner_controller_contract_default_init (ScannerControllerContractInterface *iface)
{
  const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamSpec *properties[] = {
    g_param_spec_int ("progress", NULL, "Pictures taken in this scan", 0, G_MAXINT, 0, told),
    g_param_spec_int ("max-progress", NULL, "Pictures that this scan will have", 0, G_MAXINT, 0,
                      told),
    g_param_spec_boolean ("ready-to-scan", NULL, "Whether a scan may be started", FALSE, told),
    g_param_spec_boxed ("camera-names", NULL, "The cameras that are connected", G_TYPE_STRV, told),
  };

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    g_object_interface_install_property (iface, properties[i]);
}
