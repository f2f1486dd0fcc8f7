/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-announcement-private.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-registry.h"

/* scales timers of several seconds, for a registry that does not answer */
#define QUICK 0.2

/* A device that is announced at a registry that the test controls. */
typedef struct {
  TestRegistry         *registry;     /* (owned) */
  PlantRpcAnnouncement *announcement; /* (owned) */
} Fixture;

static inline void
on_news (gpointer owner)
{
}

static inline PlantRpcAnnouncement *
announce_at (const char *registry_url,
             const char *url,
             gint64      alive_timeout)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, NULL);
  const PlantRpcAnnouncementSetup setup = {
    .registry_url = registry_url,
    .device_type = "camera",
    .name = "cam",
    .overwrite = TRUE,
    .endpoint = endpoint,
    .port = 5000,
    .alive_timeout = alive_timeout,
  };
  g_autoptr (GError) error = NULL;
  PlantRpcAnnouncement *announcement =
      plant_rpc_announcement_new (&setup, g_main_context_default (), on_news, NULL, &error);

  g_assert_no_error (error);
  return announcement;
}

static inline PlantRpcAnnouncement *
announce (Fixture    *self,
          const char *url)
{
  return announce_at (test_registry_get_url (self->registry), url, 8 * G_USEC_PER_SEC);
}

static inline void
end (PlantRpcAnnouncement *announcement)
{
  plant_rpc_announcement_detach (announcement);
  plant_rpc_announcement_leave (announcement);
  plant_rpc_announcement_wait_left (announcement);
  plant_rpc_announcement_unref (announcement);
}

static inline void
set_up (Fixture       *self,
        gconstpointer  data)
{
  test_clock_reset ();
  test_clock_stretch (QUICK);
  self->registry = test_registry_new ();
  self->announcement = announce (self, "tcp://127.0.0.1:5000");
}

static inline void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  test_registry_free (self->registry);
  end (self->announcement);
}

static inline gboolean
is_registered (Fixture *self)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  plant_rpc_announcement_get_news (self->announcement, &news);
  return news.registered;
}

static inline gboolean
is_abandoned (Fixture *self)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  plant_rpc_announcement_get_news (self->announcement, &news);
  return news.abandoned;
}

static inline gboolean
has_left (Fixture *self)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  plant_rpc_announcement_get_news (self->announcement, &news);
  return news.left;
}

static inline void
await (Fixture    *self,
       const char *event)
{
  g_autoptr (GVariant) payload = test_registry_await (self->registry, event);
}

static inline void
acknowledge (Fixture  *self,
             gboolean  success)
{
  test_registry_send (self->registry, "{\"event\":\"ACK\",\"payload\":{\"success\":%s}}",
                      success ? "true" : "false");
}

/* The first sign of life comes at once. */
static inline void
accept_device (Fixture *self)
{
  await (self, "REGISTER");
  test_registry_send (self->registry,
                      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam\",\"uuid\":\"u\"}}");
  test_wait_until (is_registered (self));
  await (self, "CHECK_ALIVE");
  acknowledge (self, TRUE);
}

/* Waits for a REGISTER, and returns its address. Other requests before it are answered. */
static inline char *
await_registration (Fixture *self)
{
  for (;;)
    {
      g_autoptr (GVariant) payload = test_registry_await (self->registry, NULL);
      char *url = NULL;

      if (g_variant_lookup (payload, "addr", "s", &url))
        return url;
      acknowledge (self, TRUE);
    }
}
