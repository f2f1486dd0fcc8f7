/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fault-proxy.h"

#include "fault-door.h"

#define LOOPBACK  "127.0.0.1"
#define MAX_DOORS 64 /* doors for signals; further ports are passed on unchanged */

/* One connection, as the proxy numbers them. */
typedef struct {
  FaultLink *link;   /* (owned) */
  guint      number; /* from 1 */
  gboolean   spared; /* TRUE: no fault is done to it */
  FaultWay   frozen;
} Passage;

struct _FaultProxy {
  GSocketConnectable    *target;     /* (owned) */
  const FaultProxyFuncs *funcs;
  gpointer               user_data;
  FaultDoor             *door;       /* (owned) */
  GHashTable            *doors;      /* (element-type utf8 FaultDoor): doors for signals, by host
                                        and port */
  GHashTable            *passages;   /* (element-type FaultLink Passage) */
  FaultLine              line;
  FaultLine              clear_line; /* the line of spared connections, without faults */
  FaultWay               frozen;
  gboolean               calls_only;
  guint                  n_passages; /* number of connections so far */
};

static void
passage_free (gpointer data)
{
  Passage *self = data;

  fault_link_free (self->link);
  g_free (self);
}

/* ---- connections */

static void
on_connected (FaultLink *link,
              gpointer   user_data)
{
  FaultProxy *self = user_data;
  Passage *passage = g_hash_table_lookup (self->passages, link);

  self->funcs->connected (passage->number, self->user_data);
}

static void
on_ended (FaultLink    *link,
          const GError *error,
          gpointer      user_data)
{
  FaultProxy *self = user_data;
  Passage *passage = g_hash_table_lookup (self->passages, link);
  guint number = passage->number;

  g_hash_table_remove (self->passages, link);
  if (error != NULL)
    self->funcs->unreachable (number, error, self->user_data);
  else
    self->funcs->ended (number, self->user_data);
}

static gboolean on_move (FaultLink *link,
                         FaultWay   way,
                         char     **host,
                         guint16   *port,
                         gpointer   user_data);

static void
on_entered (FaultDoor         *door,
            GSocketConnection *peer,
            gpointer           user_data)
{
  static const FaultLinkFuncs funcs = { on_connected, on_ended, on_move };
  FaultProxy *self = user_data;
  Passage *passage = g_new0 (Passage, 1);

  passage->number = ++self->n_passages;
  passage->spared = self->calls_only && door != self->door;
  passage->link = fault_link_new (peer, fault_door_get_target (door),
                                  passage->spared ? &self->clear_line : &self->line, &funcs, self);
  g_hash_table_insert (self->passages, passage->link, passage);
  if (!passage->spared)
    passage->frozen = self->frozen;
  fault_link_set_frozen (passage->link, passage->frozen);
}

/* ---- ports inside messages */

/* HOST is NULL for the device. */
static GSocketConnectable *
make_target (FaultProxy *self,
             const char *host,
             guint16     port)
{
  if (host != NULL)
    return g_network_address_new (host, port);
  if (!G_IS_NETWORK_ADDRESS (self->target))
    return NULL;
  return g_network_address_new (
      g_network_address_get_hostname (G_NETWORK_ADDRESS (self->target)), port);
}

/* Returns a door at HERE in front of HOST and PORT. It is the same one each time. */
static FaultDoor *
provide_door (FaultProxy *self,
              const char *here,
              const char *host,
              guint16     port)
{
  g_autofree char *place = g_strdup_printf ("%s %u", host != NULL ? host : "", port);
  FaultDoor *door = g_hash_table_lookup (self->doors, place);
  g_autoptr (GSocketConnectable) target = NULL;

  if (door != NULL || g_hash_table_size (self->doors) >= MAX_DOORS)
    return door;
  target = make_target (self, host, port);
  if (target != NULL)
    door = fault_door_new (here, target, on_entered, self, NULL);
  if (door != NULL)
    g_hash_table_insert (self->doors, g_steal_pointer (&place), door);
  return door;
}

/* A port in a client's message is for the device, which may be on another machine. A port in the
 * device's message is for clients on this machine. */
static gboolean
on_move (FaultLink *link,
         FaultWay   way,
         char     **host,
         guint16   *port,
         gpointer   user_data)
{
  FaultProxy *self = user_data;
  g_autofree char *here = way == FAULT_WAY_UP ? fault_link_dup_host (link) : g_strdup (LOOPBACK);
  FaultDoor *door = here != NULL ? provide_door (self, here, *host, *port) : NULL;

  if (door == NULL)
    return FALSE;
  *port = fault_door_get_port (door);
  g_free (*host);
  *host = way == FAULT_WAY_UP ? g_steal_pointer (&here) : NULL;
  return TRUE;
}

/* ---- the proxy */

FaultProxy *
fault_proxy_new (GSocketConnectable     *target,
                 gboolean                calls_only,
                 const FaultProxyFuncs  *funcs,
                 gpointer                user_data,
                 GError                **error)
{
  g_autoptr (FaultProxy) self = g_new0 (FaultProxy, 1);

  self->target = g_object_ref (target);
  self->calls_only = calls_only;
  self->funcs = funcs;
  self->user_data = user_data;
  self->doors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) fault_door_free);
  self->passages = g_hash_table_new_full (NULL, NULL, NULL, passage_free);
  self->door = fault_door_new (LOOPBACK, target, on_entered, self, error);
  return self->door != NULL ? g_steal_pointer (&self) : NULL;
}

void
fault_proxy_free (FaultProxy *self)
{
  g_clear_pointer (&self->door, fault_door_free);
  g_hash_table_unref (self->doors);
  g_hash_table_unref (self->passages);
  g_object_unref (self->target);
  g_free (self);
}

guint16
fault_proxy_get_port (FaultProxy *self)
{
  return fault_door_get_port (self->door);
}

/* ---- faults */

void
fault_proxy_set_line (FaultProxy      *self,
                      const FaultLine *line)
{
  self->line = *line;
}

static gboolean
is_meant (Passage *passage,
          guint    number)
{
  return !passage->spared && (number == 0 || passage->number == number);
}

void
fault_proxy_freeze (FaultProxy *self,
                    guint       number,
                    FaultWay    way)
{
  GHashTableIter iter;
  Passage *passage;

  if (number == 0)
    self->frozen |= way;
  g_hash_table_iter_init (&iter, self->passages);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &passage))
    {
      if (!is_meant (passage, number))
        continue;
      passage->frozen |= way;
      fault_link_set_frozen (passage->link, passage->frozen);
    }
}

void
fault_proxy_thaw (FaultProxy *self,
                  FaultWay    way)
{
  GHashTableIter iter;
  Passage *passage;

  self->frozen &= ~way;
  g_hash_table_iter_init (&iter, self->passages);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &passage))
    {
      passage->frozen &= ~way;
      fault_link_set_frozen (passage->link, passage->frozen);
    }
}

static gboolean
set_door_open (FaultDoor  *door,
               gboolean    open,
               GError    **error)
{
  if (open)
    return fault_door_open (door, error);
  fault_door_shut (door);
  return TRUE;
}

gboolean
fault_proxy_set_open (FaultProxy  *self,
                      gboolean     open,
                      GError     **error)
{
  GHashTableIter iter;
  FaultDoor *door;

  g_hash_table_iter_init (&iter, self->doors);
  while (!self->calls_only && g_hash_table_iter_next (&iter, NULL, (gpointer *) &door))
    {
      if (!set_door_open (door, open, error))
        return FALSE;
    }
  return set_door_open (self->door, open, error);
}

void
fault_proxy_forget (FaultProxy *self,
                    guint       number,
                    FaultWay    way)
{
  GHashTableIter iter;
  Passage *passage;

  g_hash_table_iter_init (&iter, self->passages);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &passage))
    {
      if (is_meant (passage, number))
        fault_link_forget (passage->link, way);
    }
}

void
fault_proxy_close (FaultProxy *self,
                   guint       number,
                   FaultWay    way)
{
  GHashTableIter iter;
  Passage *passage;

  g_hash_table_iter_init (&iter, self->passages);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &passage))
    {
      if (is_meant (passage, number))
        fault_link_close (passage->link, way);
    }
}

void
fault_proxy_drop (FaultProxy *self,
                  guint       number,
                  gboolean    reset)
{
  GHashTableIter iter;
  Passage *passage;

  g_hash_table_iter_init (&iter, self->passages);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &passage))
    {
      if (is_meant (passage, number))
        fault_link_drop (passage->link, reset);
    }
}
