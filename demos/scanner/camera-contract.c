/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera-contract.h"

static void
declare_methods (GType type)
{
  plant_rpc_type_declare_method (type, "get_image", SCANNER_GET_IMAGE_SIGNATURE, TRUE,
                                 PLANT_RPC_TIMEOUT_NONE);
  plant_rpc_type_declare_unit (type, "rotation", "°");
}

G_DEFINE_INTERFACE_WITH_CODE (ScannerCameraContract, scanner_camera_contract, G_TYPE_OBJECT,
                              declare_methods (g_define_type_id))

GType
scanner_camera_mode_get_type (void)
{
  static const GEnumValue values[] = {
    { SCANNER_CAMERA_MODE_STILL, "SCANNER_CAMERA_MODE_STILL", "STILL" },
    { SCANNER_CAMERA_MODE_VIDEO, "SCANNER_CAMERA_MODE_VIDEO", "VIDEO" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("ScannerCameraMode", values));
  return type;
}

GType
scanner_encoding_get_type (void)
{
  static const GEnumValue values[] = {
    { SCANNER_ENCODING_JPEG, "SCANNER_ENCODING_JPEG", "jpeg" },
    { SCANNER_ENCODING_PNG, "SCANNER_ENCODING_PNG", "png" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("ScannerEncoding", values));
  return type;
}

static void
scanner_camera_contract_default_init (ScannerCameraContractInterface *iface)
{
  const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags setting = told | G_PARAM_WRITABLE;
  GParamSpec *properties[] = {
    g_param_spec_enum ("mode", NULL, "Whether single pictures are taken or a video runs",
                       SCANNER_TYPE_CAMERA_MODE, SCANNER_CAMERA_MODE_STILL, setting),
    g_param_spec_string ("video-url", NULL, "Where the video is, empty while none runs", "", told),
    g_param_spec_int ("rotation", NULL, "Of the picture, clockwise", 0, 270, 0, told),
    g_param_spec_variant ("resolution", NULL, "Width and height of the sensor, in pixels",
                          G_VARIANT_TYPE ("(ii)"), g_variant_new ("(ii)", 640, 480), setting),
    g_param_spec_enum ("encoding", NULL, "File format of the pictures", SCANNER_TYPE_ENCODING,
                       SCANNER_ENCODING_JPEG, setting),
    g_param_spec_variant ("config", NULL, "Settings of this kind of camera",
                          G_VARIANT_TYPE_VARDICT, g_variant_new ("a{sv}", NULL), setting),
  };

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    g_object_interface_install_property (iface, properties[i]);
}
