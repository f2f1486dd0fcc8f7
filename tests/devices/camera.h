/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-server.h"

G_BEGIN_DECLS

/* The fake camera of the recordings, as a GObject: its properties mode, video-url, rotation,
 * resolution, encoding, config and progress, and the handlers of its methods. */
#define FAKE_TYPE_CAMERA (fake_camera_get_type ())
G_DECLARE_FINAL_TYPE (FakeCamera, fake_camera, FAKE, CAMERA, GObject)

/* JOURNAL (nullable): a file that gets one line for each write and each count(), before they are
 * carried out; what is in it already goes on being counted. */
FakeCamera *fake_camera_new   (const char      *journal);

/* Registers the methods and the write handler. */
void        fake_camera_offer (FakeCamera      *self,
                               PlantRpcServer  *server);

/* The picture: byte i is i modulo 251. */
GBytes     *fake_camera_draw  (gsize            length);

G_END_DECLS
