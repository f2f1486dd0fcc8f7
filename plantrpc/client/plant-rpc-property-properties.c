/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-property-private.h"

void
plant_rpc_property_make_properties (GParamSpec **properties)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcProperty:name:
   *
   * The name of the GObject property, in lower case with hyphens.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * PlantRpcProperty:wire-name:
   *
   * The name on the wire.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_WIRE_NAME] = g_param_spec_string ("wire-name", NULL, NULL,
                                                                       NULL, flags);
  /**
   * PlantRpcProperty:value:
   *
   * The shown value; %NULL while unset.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_VALUE] =
      g_param_spec_variant ("value", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  /**
   * PlantRpcProperty:state:
   *
   * How far the value is to be trusted.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PLANT_RPC_TYPE_PROPERTY_STATE,
                         PLANT_RPC_PROPERTY_STATE_UNSET, flags);
  /**
   * PlantRpcProperty:error:
   *
   * Why the device's value is not known although the device is there; %NULL where it is known.
   *
   * If the device could not read the property, it is the error of the device. If the value that the
   * device told last does not fit the type or is beyond the limits of the property, it is
   * %PLANT_RPC_ERROR_PROTOCOL. If the device has come back without the property, it is
   * %PLANT_RPC_ERROR_UNKNOWN_PROPERTY. The property keeps the value that it had, and its state is
   * %PLANT_RPC_PROPERTY_STATE_STALE, or %PLANT_RPC_PROPERTY_STATE_UNSET if it had none. The error
   * is %NULL again once the device tells a value that fits.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                                                                  flags);
  /**
   * PlantRpcProperty:writable:
   *
   * Whether a write would be sent now: the device permits it, and is ready.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_WRITABLE] = g_param_spec_boolean ("writable", NULL, NULL,
                                                                       FALSE, flags);
  /**
   * PlantRpcProperty:refusal:
   *
   * Why the last write was refused, or else the [property@Property:error]; %NULL if neither is.
   *
   * The refusal of a write ends once the application writes again or a write succeeds, the device
   * tells another value, or a device that was away is ready again.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_REFUSAL] = g_param_spec_boxed ("refusal", NULL, NULL,
                                                                    G_TYPE_ERROR, flags);
  /**
   * PlantRpcProperty:message:
   *
   * The text of [property@Property:refusal], to be shown to the user.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL,
                                                                     flags);
  /**
   * PlantRpcProperty:minimum:
   *
   * The smallest value; -%G_MAXDOUBLE where there is none.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_MINIMUM] = g_param_spec_double (
      "minimum", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, -G_MAXDOUBLE, flags);
  /**
   * PlantRpcProperty:maximum:
   *
   * The largest value; %G_MAXDOUBLE where there is none.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_MAXIMUM] = g_param_spec_double (
      "maximum", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, G_MAXDOUBLE, flags);
  /**
   * PlantRpcProperty:step:
   *
   * By how much a widget should change the value at once; 0 where the peer tells nothing.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_STEP] =
      g_param_spec_double ("step", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  /**
   * PlantRpcProperty:unit:
   *
   * The unit of the value, as in `mm`, where the peer tells it.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_UNIT] = g_param_spec_string ("unit", NULL, NULL, NULL, flags);
  /**
   * PlantRpcProperty:description:
   *
   * What the property is, where the peer tells it. Counterpart of `RPCProperty`'s `doc`.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL,
                                                                         NULL, flags);
  /**
   * PlantRpcProperty:max-rate:
   *
   * How many values of the device are notified a second at most; 0 for no limit.
   *
   * It is for a device that tells more values than a person can read, or a program wants. The limit
   * counts for [property@Property:value] and for the property of the client. A value that comes too
   * soon is notified as soon as the limit permits, if it is still the latest, so the latest value
   * always arrives. Reading gives the latest value at any time. What the application writes, and
   * the outcome of that, is notified at once.
   *
   * Without a limit there is at most one notification for each turn of the main loop.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_PROPERTY_PROP_MAX_RATE] = g_param_spec_double (
      "max-rate", NULL, NULL, 0, G_MAXDOUBLE, 0, flags | G_PARAM_WRITABLE);
}
