/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "application.h"
#include "window.h"

G_BEGIN_DECLS

/* The scanner application in this process, with a registry of its own for the devices that a test
 * starts. Each device is a process. */
typedef struct
{
  ScannerApplication *app;        /* (unowned) */
  ScannerRoster      *roster;     /* (unowned) */
  ScannerWindow      *window;     /* (unowned) */
  PlantRpcRegistry   *registry;   /* (owned) */
  char               *directory;  /* (owned): of the registry's socket */
  GPtrArray          *devices;    /* (owned) (element-type GSubprocess) */
} AppFixture;

typedef gboolean (*AppCondition) (AppFixture *self,
                                  gpointer    data);

void             app_fixture_set_up            (AppFixture             *self,
                                                gconstpointer           unused);
void             app_fixture_tear_down         (AppFixture             *self,
                                                gconstpointer           unused);
/* The devices of the demo; (transfer none). */
GSubprocess     *app_fixture_start_camera      (AppFixture             *self);
GSubprocess     *app_fixture_start_controller  (AppFixture             *self);
/* One that the independent peer serves; (transfer full): its url. */
char            *app_fixture_start_old_camera  (AppFixture             *self,
                                                const char             *generation);
void             app_fixture_stop_device       (AppFixture             *self,
                                                GSubprocess            *device,
                                                int                     signal);
void             app_fixture_wait              (AppFixture             *self,
                                                const char             *what,
                                                AppCondition            condition,
                                                gpointer                data);
void             app_fixture_wait_for_state    (AppFixture             *self,
                                                const char             *name,
                                                ScannerConnectionState  state);
/* (transfer none) */
ScannerLiveView *app_fixture_get_view          (AppFixture             *self);
/* Returns when two more pictures were shown than before. */
void             app_fixture_wait_for_pictures (AppFixture             *self);
void             app_fixture_act               (AppFixture             *self,
                                                const char             *action,
                                                const char             *parameter);

G_END_DECLS
