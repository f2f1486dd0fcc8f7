/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "controller-contract.h"

const ScannerMethod scanner_controller_methods[] = {
  { "set_db_url", "url: s", FALSE, PLANT_RPC_TIMEOUT_DEFAULT },
  { "set_config", "config: a{sv}", FALSE, PLANT_RPC_TIMEOUT_DEFAULT },
  { "set_dataset_name", "name: s", FALSE, PLANT_RPC_TIMEOUT_DEFAULT },
  { "set_api_token", "token: s", FALSE, PLANT_RPC_TIMEOUT_DEFAULT },
  { "run_scan", "", FALSE, PLANT_RPC_TIMEOUT_NONE },
  { "abort_scan", "", FALSE, PLANT_RPC_TIMEOUT_DEFAULT },
  { "get_picture", "index: i", TRUE, PLANT_RPC_TIMEOUT_DEFAULT },
  { NULL },
};

static void
declare_methods (GType type)
{
  for (const ScannerMethod *m = scanner_controller_methods; m->name != NULL; m++)
    plant_rpc_type_declare_method (type, m->name, m->signature, m->buffer, m->timeout);
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
