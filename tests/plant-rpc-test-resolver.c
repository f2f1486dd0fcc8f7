/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-test-resolver.h"

typedef struct {
  char    *addresses; /* (owned) (nullable) */
  int      code;      /* of the error, or -1 */
  guint    n_asked;
} Host;

typedef struct {
  GResolver   parent;
  GMutex      mutex;
  GCond       changed;
  GHashTable *hosts;  /* (owned) (mutex mutex): Host by name */
  guint       n_open; /* (mutex mutex): without an answer yet */
} Names;

typedef GResolverClass NamesClass;

struct _TestResolver {
  Names     *names;  /* (owned) */
  GResolver *former; /* (owned) */
};

static GType names_get_type (void);

G_DEFINE_FINAL_TYPE (Names, names, G_TYPE_RESOLVER)

static void
host_free (gpointer data)
{
  Host *host = data;

  g_free (host->addresses);
  g_free (host);
}

static GList *
parse (const char *addresses)
{
  g_auto (GStrv) texts = g_strsplit (addresses, " ", -1);
  GList *list = NULL;

  for (guint i = 0; texts[i] != NULL; i++)
    list = g_list_append (list, g_inet_address_new_from_string (texts[i]));
  return list;
}

static gboolean
is_silent_locked (Names      *self,
                  const char *name)
{
  Host *host = g_hash_table_lookup (self->hosts, name);

  return host != NULL && host->addresses == NULL && host->code < 0;
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  Names *self = user_data;

  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static void
wait_for_answer (Names        *self,
                 const char   *name,
                 GCancellable *cancellable)
{
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  g_mutex_lock (&self->mutex);
  self->n_open++;
  while (is_silent_locked (self, name) && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->mutex);
  self->n_open--;
  g_mutex_unlock (&self->mutex);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
}

static void
count (Names      *self,
       const char *name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Host *host = g_hash_table_lookup (self->hosts, name);

  if (host != NULL)
    host->n_asked++;
}

static GList *
names_lookup_by_name (GResolver     *resolver,
                      const char    *name,
                      GCancellable  *cancellable,
                      GError       **error)
{
  Names *self = (Names *) resolver;
  g_autoptr (GMutexLocker) locker = NULL;
  Host *host;

  count (self, name);
  wait_for_answer (self, name, cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  locker = g_mutex_locker_new (&self->mutex);
  host = g_hash_table_lookup (self->hosts, name);
  if (host != NULL && host->addresses != NULL)
    return parse (host->addresses);
  g_set_error (error, G_RESOLVER_ERROR,
               host != NULL && host->code >= 0 ? host->code : G_RESOLVER_ERROR_NOT_FOUND,
               "No answer for %s", name);
  return NULL;
}

static void
names_finalize (GObject *object)
{
  Names *self = (Names *) object;

  g_hash_table_unref (self->hosts);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (names_parent_class)->finalize (object);
}

static void
names_class_init (NamesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = names_finalize;
  G_RESOLVER_CLASS (klass)->lookup_by_name = names_lookup_by_name;
}

static void
names_init (Names *self)
{
  g_mutex_init (&self->mutex);
  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, host_free);
  g_cond_init (&self->changed);
}

TestResolver *
test_resolver_new (void)
{
  TestResolver *self = g_new0 (TestResolver, 1);

  self->former = g_resolver_get_default ();
  self->names = g_object_new (names_get_type (), NULL);
  g_resolver_set_default (G_RESOLVER (self->names));
  return self;
}

static void
set (TestResolver *self,
     const char   *name,
     const char   *addresses,
     int           code)
{
  Host *host;

  g_mutex_lock (&self->names->mutex);
  host = g_hash_table_lookup (self->names->hosts, name);
  if (host == NULL)
    {
      host = g_new0 (Host, 1);
      g_hash_table_insert (self->names->hosts, g_strdup (name), host);
    }
  g_free (host->addresses);
  host->addresses = g_strdup (addresses);
  host->code = code;
  g_cond_broadcast (&self->names->changed);
  g_mutex_unlock (&self->names->mutex);
}

/* Nobody is left without an answer. */
void
test_resolver_free (TestResolver *self)
{
  g_mutex_lock (&self->names->mutex);
  g_hash_table_remove_all (self->names->hosts);
  g_cond_broadcast (&self->names->changed);
  g_mutex_unlock (&self->names->mutex);
  g_resolver_set_default (self->former);
  g_object_unref (self->former);
  g_object_unref (self->names);
  g_free (self);
}

void
test_resolver_set (TestResolver *self,
                   const char   *host,
                   const char   *addresses)
{
  set (self, host, addresses, -1);
}

void
test_resolver_set_error (TestResolver   *self,
                         const char     *host,
                         GResolverError  code)
{
  set (self, host, NULL, (int) code);
}

void
test_resolver_set_silent (TestResolver *self,
                          const char   *host)
{
  set (self, host, NULL, -1);
}

guint
test_resolver_count (TestResolver *self,
                     const char   *host)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->names->mutex);
  Host *found = g_hash_table_lookup (self->names->hosts, host);

  return found != NULL ? found->n_asked : 0;
}

/* A question that was cancelled is not open any more. */
guint
test_resolver_count_open (TestResolver *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->names->mutex);

  return self->names->n_open;
}
