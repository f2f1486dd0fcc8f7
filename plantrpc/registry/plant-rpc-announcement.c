/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <net/if.h>
#include <stdlib.h>

#include "plant-rpc-announcement-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-registry-link-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-text-private.h"
#include "plant-rpc-worker-private.h"

#define REPLY_TIME    (5 * G_USEC_PER_SEC) /* µs that the registry has for a reply */
#define LEAVE_TIME    G_USEC_PER_SEC       /* µs that it has for a reply when the server ends */
#define LAST_INTERVAL (2 * G_USEC_PER_SEC) /* µs between two signs of life */
#define MAX_MISSES    3

struct _PlantRpcAnnouncement {
  gatomicrefcount   ref_count;
  PlantRpcEndpoint *registry;      /* (owned) */
  PlantRpcKeypair  *keypair;       /* (owned) (nullable) */
  PlantRpcEndpoint *endpoint;      /* (owned): of the server */
  guint16           port;
  char             *device_type;   /* (owned) */
  gint64            alive_timeout; /* µs */

  /* These belong to the worker's thread. */
  PlantRpcWorker        *worker;    /* (owned) */
  PlantRpcRegistryLink  *link;      /* (owned) (nullable): NULL once it is over */
  PlantRpcTimer         *timer;     /* (owned) (nullable): likewise */
  PlantRpcAlarm          due;       /* the next sign of life, or the end of the time for a reply */
  PlantRpcRegistryEvent  asked;     /* the request under way, or UNKNOWN */
  char                  *name;      /* (owned): proposed, then accepted */
  char                  *uuid;      /* (owned) (nullable): as the registry knows the device */
  char                  *url;       /* (owned) (nullable): likewise, or as was asked for */
  gboolean               overwrite;
  guint                  n_misses;
  gboolean               accepted;  /* TRUE: the registry has accepted the device at least once */
  gboolean               confirmed; /* TRUE: it has taken a sign of life since it accepted it */
  gboolean               leaving;

  GMutex                    mutex;
  GCond                     cond;
  PlantRpcAnnouncementNews  news;  /* (mutex mutex) */
  GSource                  *waker; /* (owned) (mutex mutex) (nullable): in the owner's context */
  PlantRpcAnnouncementFunc  func;
  gpointer                  owner; /* (unowned): the argument of the waker's callback */
};

/* All announcements that are not over, so that a process that simply ends withdraws its servers. */
static GMutex lock;
static GPtrArray *announcements; /* (mutex lock) (element-type PlantRpcAnnouncement) */
static guint announcer;          /* (mutex lock): the process; a forked child has none of the
                                    threads */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

static GPtrArray *
list_announcements (void)
{
  GPtrArray *list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_announcement_unref);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  for (guint i = 0; !plant_rpc_init_is_inherited (announcer) && i < announcements->len; i++)
    g_ptr_array_add (list, plant_rpc_announcement_ref (announcements->pdata[i]));
  return list;
}

static void
withdraw_all (void)
{
  g_autoptr (GPtrArray) list = list_announcements ();

  for (guint i = 0; i < list->len; i++)
    plant_rpc_announcement_leave (list->pdata[i]);
  for (guint i = 0; i < list->len; i++)
    plant_rpc_announcement_wait_left (list->pdata[i]);
}

static void
add_announcement (PlantRpcAnnouncement *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (announcements == NULL)
    {
      announcements = g_ptr_array_new ();
      atexit (withdraw_all);
    }
  if (plant_rpc_init_is_inherited (announcer))
    g_ptr_array_set_size (announcements, 0);
  announcer = plant_rpc_init_get_process ();
  g_ptr_array_add (announcements, self);
}

static void
remove_announcement (PlantRpcAnnouncement *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  g_ptr_array_remove_fast (announcements, self);
}

/* ---- news */

static void
tell (PlantRpcAnnouncement *self)
{
  g_cond_broadcast (&self->cond);
  if (self->waker != NULL)
    g_source_set_ready_time (self->waker, 0);
}

static void
tell_registered (PlantRpcAnnouncement *self,
                 gboolean              registered,
                 gboolean              abandoned)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->news.registered == registered && self->news.abandoned == abandoned &&
      g_strcmp0 (self->news.uuid, self->uuid) == 0)
    return;
  self->news.registered = registered;
  self->news.abandoned = abandoned;
  g_free (self->news.uuid);
  self->news.uuid = g_strdup (self->uuid);
  g_free (self->news.name);
  self->news.name = g_strdup (self->name);
  tell (self);
}

/* This is the last thing that the thread does. It takes ownership of ERROR. */
static void
finish (PlantRpcAnnouncement *self,
        gboolean              withdrawn,
        GError               *error)
{
  if (self->link == NULL)
    {
      g_clear_error (&error);
      return;
    }
  g_clear_pointer (&self->link, plant_rpc_registry_link_free);
  g_clear_pointer (&self->timer, plant_rpc_timer_free);
  remove_announcement (self);
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->worker, plant_rpc_worker_free);
  self->news.registered = FALSE;
  self->news.left = TRUE;
  self->news.withdrawn = withdrawn;
  self->news.error = error;
  tell (self);
  g_mutex_unlock (&self->mutex);
  plant_rpc_announcement_unref (self);
}

/* ---- what is sent */

/* A server that listens on all addresses, or on an interface, is announced with the address from
 * which this machine has reached the registry. */
static char *
find_url (PlantRpcAnnouncement *self)
{
  const PlantRpcEndpoint *endpoint = self->endpoint;
  const char *own = plant_rpc_registry_link_get_own_address (self->link);

  if (!plant_rpc_endpoint_is_wildcard (endpoint) &&
      (!plant_rpc_endpoint_has_name (endpoint) || if_nametoindex (endpoint->host) == 0))
    return plant_rpc_endpoint_print_whole (endpoint, endpoint->host, self->port);
  if (own == NULL)
    own = plant_rpc_endpoint_is_ipv6 (endpoint) ? "::1" : "127.0.0.1";
  return plant_rpc_endpoint_print_whole (endpoint, own, self->port);
}

static void
send_request (PlantRpcAnnouncement    *self,
              PlantRpcRegistryRequest *request)
{
  self->asked = request->event;
  plant_rpc_registry_link_send (self->link, request);
  plant_rpc_alarm_set_after (&self->due, self->leaving ? LEAVE_TIME : REPLY_TIME);
}

static void
send_registration (PlantRpcAnnouncement *self)
{
  PlantRpcRegistryRequest request = {
    .event = PLANT_RPC_REGISTRY_REGISTER,
    .device_type = self->device_type,
    .name = self->name,
    .overwrite = self->overwrite,
  };

  g_free (self->url);
  self->url = find_url (self);
  request.url = self->url;
  send_request (self, &request);
}

/* This machine has another address by now. */
static gboolean
has_moved (PlantRpcAnnouncement *self)
{
  g_autofree char *url = find_url (self);

  return g_strcmp0 (url, self->url) != 0;
}

static void
send_for_uuid (PlantRpcAnnouncement  *self,
               PlantRpcRegistryEvent  event)
{
  PlantRpcRegistryRequest request = {
    .event = event,
    .uuid = self->uuid,
    .alive_timeout = self->alive_timeout,
  };

  send_request (self, &request);
}

static void
send_sign (gpointer owner)
{
  PlantRpcAnnouncement *self = owner;

  if (self->uuid == NULL)
    send_registration (self);
  else
    send_for_uuid (self, PLANT_RPC_REGISTRY_CHECK_ALIVE);
}

/* ---- what comes */

static void
await_next (PlantRpcAnnouncement *self)
{
  self->n_misses = 0;
  plant_rpc_alarm_set_after (&self->due, MIN (self->alive_timeout / 4, LAST_INTERVAL));
  tell_registered (self, self->uuid != NULL, FALSE);
}

static void
take_registration (PlantRpcAnnouncement  *self,
                   PlantRpcRegistryReply *reply)
{
  g_autofree char *reason =
      reply->error != NULL ? plant_rpc_text_show (reply->error) : NULL;

  if (reply->type != PLANT_RPC_REGISTRY_REGISTER_ACK && self->accepted)
    {
      /* The registry has answered, so it is not gone. It may have room for the device later. */
      self->n_misses = 0;
      g_clear_pointer (&self->url, g_free);
      plant_rpc_alarm_set_after (&self->due, LAST_INTERVAL);
      return;
    }
  if (reply->type != PLANT_RPC_REGISTRY_REGISTER_ACK)
    {
      finish (self, FALSE,
              g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                           /* Translators: the reason */
                           _("The registry does not take this device: %s"),
                           reason != NULL ? reason : _("it gave no reason")));
      return;
    }
  g_free (self->name);
  self->name = g_steal_pointer (&reply->name);
  g_free (self->uuid);
  self->uuid = g_steal_pointer (&reply->uuid);
  /* If another device has taken the name meanwhile, it keeps the name. */
  self->overwrite = FALSE;
  self->accepted = TRUE;
  self->confirmed = FALSE;
  await_next (self);
  /* The registry learns the device's timeout from a sign of life and has a short one until then. */
  send_for_uuid (self, self->leaving ? PLANT_RPC_REGISTRY_UNREGISTER
                                     : PLANT_RPC_REGISTRY_CHECK_ALIVE);
}

static void
take_sign (PlantRpcAnnouncement  *self,
           PlantRpcRegistryReply *reply)
{
  const gboolean known = reply->type == PLANT_RPC_REGISTRY_ACK && reply->success;

  if (known && !has_moved (self))
    {
      self->confirmed = TRUE;
      await_next (self);
      return;
    }
  if (known)
    {
      /* The registration to be removed is that of this device. */
      self->overwrite = TRUE;
      send_registration (self);
      return;
    }
  g_clear_pointer (&self->uuid, g_free);
  tell_registered (self, FALSE, FALSE);
  /* A registry that forgets a device at once is not asked again at once. */
  if (self->confirmed)
    send_registration (self);
  else
    plant_rpc_alarm_set_after (&self->due, LAST_INTERVAL);
}

static void
on_replied (gpointer               owner,
            PlantRpcRegistryReply *reply,
            gboolean               expected)
{
  PlantRpcAnnouncement *self = owner;
  PlantRpcRegistryEvent asked = self->asked;

  if (!expected)
    return;
  self->asked = PLANT_RPC_REGISTRY_UNKNOWN;
  if (asked == PLANT_RPC_REGISTRY_REGISTER)
    take_registration (self, reply);
  else if (asked == PLANT_RPC_REGISTRY_CHECK_ALIVE)
    take_sign (self, reply);
  else if (asked == PLANT_RPC_REGISTRY_UNREGISTER)
    finish (self, reply->success, NULL);
}

/* A name that is mistyped never becomes known, and somebody has to allow a key that a secured
 * registry does not know. Once the registry was found, its name may be unknown for a while. */
static void
on_missed (gpointer      owner,
           const GError *error)
{
  PlantRpcAnnouncement *self = owner;

  if (!self->accepted && (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND) ||
                          g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)))
    finish (self, FALSE, g_error_copy (error));
}

/* The link connects again by itself. Only the time until the registry answers counts. */
static void
on_lost (gpointer owner)
{
  PlantRpcAnnouncement *self = owner;

  if (self->leaving)
    {
      finish (self, FALSE, NULL);
      return;
    }
  self->asked = PLANT_RPC_REGISTRY_UNKNOWN;
  plant_rpc_alarm_set_after (&self->due, REPLY_TIME);
}

static void
on_garbled (gpointer      owner,
            const GError *error)
{
  plant_rpc_debug ("What the registry sent cannot be understood: %s", error->message);
}

static const PlantRpcRegistryLinkFuncs link_funcs = {
  .opened = send_sign,
  .missed = on_missed,
  .lost = on_lost,
  .replied = on_replied,
  .garbled = on_garbled,
};

static void
note_miss (PlantRpcAnnouncement *self)
{
  self->n_misses++;
  if (self->n_misses == MAX_MISSES)
    tell_registered (self, FALSE, TRUE);
  self->asked = PLANT_RPC_REGISTRY_UNKNOWN;
  plant_rpc_alarm_set_after (&self->due, REPLY_TIME);
  /* A late reply must not be taken for the reply to the next request. */
  plant_rpc_registry_link_renew (self->link);
}

static void
on_due (gpointer owner,
        gint64   now)
{
  PlantRpcAnnouncement *self = owner;

  if (self->leaving)
    finish (self, FALSE, NULL);
  else if (self->asked == PLANT_RPC_REGISTRY_UNKNOWN && self->uuid != NULL &&
           plant_rpc_registry_link_is_open (self->link))
    send_sign (self);
  else
    note_miss (self);
}

/* ---- life */

static gboolean
start (gpointer user_data)
{
  PlantRpcAnnouncement *self = user_data;
  g_autofree char *url = plant_rpc_endpoint_print_whole (self->registry, self->registry->host, 0);
  GMainContext *context = plant_rpc_worker_get_context (self->worker);

  self->timer = plant_rpc_timer_new (context, "[plantrpc] heartbeat");
  plant_rpc_alarm_init (&self->due, self->timer, "heartbeat", on_due, self);
  self->link = plant_rpc_registry_link_new (url, self->keypair, context, self->timer, &link_funcs,
                                           self);
  plant_rpc_alarm_set_after (&self->due, REPLY_TIME);
  return G_SOURCE_REMOVE;
}

static gboolean
on_waker (gpointer user_data)
{
  PlantRpcAnnouncement *self = user_data;

  g_source_set_ready_time (g_main_current_source (), -1);
  self->func (self->owner);
  return G_SOURCE_CONTINUE;
}

PlantRpcAnnouncement *
plant_rpc_announcement_new (const PlantRpcAnnouncementSetup  *setup,
                            GMainContext                     *context,
                            PlantRpcAnnouncementFunc          func,
                            gpointer                          owner,
                            GError                          **error)
{
  g_autoptr (PlantRpcEndpoint) registry = plant_rpc_endpoint_parse (setup->registry_url, error);
  g_autofree char *url =
      plant_rpc_endpoint_print_whole (setup->endpoint, setup->endpoint->host, 0);
  PlantRpcWorker *worker =
      registry != NULL ? plant_rpc_worker_new ("plantrpc beats", NULL, error) : NULL;
  PlantRpcAnnouncement *self;

  if (worker == NULL)
    return NULL;
  self = g_new0 (PlantRpcAnnouncement, 1);
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->registry = g_steal_pointer (&registry);
  self->keypair = setup->keypair != NULL ? plant_rpc_keypair_ref (setup->keypair) : NULL;
  self->endpoint = plant_rpc_endpoint_parse (url, NULL);
  self->port = setup->port;
  self->device_type = g_strdup (setup->device_type);
  self->name = g_strdup (setup->name);
  self->overwrite = setup->overwrite;
  self->alive_timeout = setup->alive_timeout;
  self->func = func;
  self->owner = owner;
  self->waker = plant_rpc_source_new_alarm (context, on_waker, self, "[plantrpc] registration");
  self->worker = worker;
  add_announcement (self);
  /* The thread holds a reference until it has ended. */
  plant_rpc_worker_call (self->worker, start, plant_rpc_announcement_ref (self), NULL);
  return self;
}

PlantRpcAnnouncement *
plant_rpc_announcement_ref (PlantRpcAnnouncement *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
plant_rpc_announcement_unref (PlantRpcAnnouncement *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  plant_rpc_announcement_news_clear (&self->news);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  plant_rpc_endpoint_free (self->registry);
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  plant_rpc_endpoint_free (self->endpoint);
  g_free (self->device_type);
  g_free (self->name);
  g_free (self->uuid);
  g_free (self->url);
  g_free (self);
}

void
plant_rpc_announcement_detach (PlantRpcAnnouncement *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  plant_rpc_source_clear (&self->waker);
}

static gboolean
start_leaving (gpointer user_data)
{
  PlantRpcAnnouncement *self = user_data;

  if (self->leaving || self->link == NULL)
    return G_SOURCE_REMOVE;
  self->leaving = TRUE;
  if (!plant_rpc_registry_link_is_open (self->link))
    finish (self, FALSE, NULL);
  else if (self->uuid != NULL)
    send_for_uuid (self, PLANT_RPC_REGISTRY_UNREGISTER);
  else if (self->asked == PLANT_RPC_REGISTRY_REGISTER)
    plant_rpc_alarm_set_after (&self->due, LEAVE_TIME);
  else
    finish (self, FALSE, NULL);
  return G_SOURCE_REMOVE;
}

void
plant_rpc_announcement_leave (PlantRpcAnnouncement *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (!self->news.left)
    plant_rpc_worker_call (self->worker, start_leaving, plant_rpc_announcement_ref (self),
                           (GDestroyNotify) plant_rpc_announcement_unref);
}

/* ---- from any thread */

void
plant_rpc_announcement_get_news (PlantRpcAnnouncement     *self,
                                 PlantRpcAnnouncementNews *news)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  *news = self->news;
  news->name = g_strdup (self->news.name);
  news->uuid = g_strdup (self->news.uuid);
  news->error = self->news.error != NULL ? g_error_copy (self->news.error) : NULL;
}

void
plant_rpc_announcement_news_clear (PlantRpcAnnouncementNews *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->uuid, g_free);
  g_clear_error (&self->error);
}

static void
on_cancelled (GCancellable         *cancellable,
              PlantRpcAnnouncement *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_cond_broadcast (&self->cond);
}

void
plant_rpc_announcement_wait (PlantRpcAnnouncement *self,
                             GCancellable         *cancellable)
{
  gulong handler = cancellable != NULL
                       ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                                                plant_rpc_announcement_ref (self),
                                                (GDestroyNotify) plant_rpc_announcement_unref)
                       : 0;
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_mutex_lock (&self->mutex);
  while (!self->news.registered && !self->news.left && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, handler);
}

void
plant_rpc_announcement_wait_left (PlantRpcAnnouncement *self)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (!self->news.left)
    g_cond_wait (&self->cond, &self->mutex);
}
