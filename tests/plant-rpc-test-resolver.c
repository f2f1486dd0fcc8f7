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
  GHashTable *hosts; /* (owned) (mutex mutex): Host by name */
  GPtrArray  *open;  /* (owned) (mutex mutex) (element-type GTask): without an answer yet */
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

static void
addresses_free (gpointer data)
{
  g_resolver_free_addresses (data);
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

/* Returns FALSE if there is no answer yet. */
static gboolean
answer_locked (Names *self,
               GTask *task)
{
  const char *name = g_task_get_task_data (task);
  Host *host = g_hash_table_lookup (self->hosts, name);

  if (host != NULL && host->addresses == NULL && host->code < 0)
    return FALSE;
  if (host != NULL && host->addresses != NULL)
    g_task_return_pointer (task, parse (host->addresses), addresses_free);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR,
                             host != NULL ? host->code : G_RESOLVER_ERROR_NOT_FOUND,
                             "No answer for %s", name);
  return TRUE;
}

static void
answer_open_locked (Names *self)
{
  for (guint i = self->open->len; i > 0; i--)
    {
      GTask *task = self->open->pdata[i - 1];

      if (g_task_return_error_if_cancelled (task) || answer_locked (self, task))
        g_ptr_array_remove_index (self->open, i - 1);
    }
}

static void
names_lookup_by_name_with_flags_async (GResolver                *resolver,
                                       const char               *name,
                                       GResolverNameLookupFlags  flags,
                                       GCancellable             *cancellable,
                                       GAsyncReadyCallback       callback,
                                       gpointer                  user_data)
{
  Names *self = (Names *) resolver;
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  Host *host;

  g_task_set_task_data (task, g_strdup (name), g_free);
  g_mutex_lock (&self->mutex);
  host = g_hash_table_lookup (self->hosts, name);
  if (host != NULL)
    host->n_asked++;
  if (!answer_locked (self, task))
    g_ptr_array_add (self->open, g_object_ref (task));
  g_mutex_unlock (&self->mutex);
}

static void
names_lookup_by_name_async (GResolver           *resolver,
                            const char          *name,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  names_lookup_by_name_with_flags_async (resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT,
                                         cancellable, callback, user_data);
}

static GList *
names_lookup_by_name_finish (GResolver     *resolver,
                             GAsyncResult  *result,
                             GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* A caller that blocks gets no silence. */
static GList *
names_lookup_by_name (GResolver     *resolver,
                      const char    *name,
                      GCancellable  *cancellable,
                      GError       **error)
{
  Names *self = (Names *) resolver;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Host *host = g_hash_table_lookup (self->hosts, name);

  if (host != NULL && host->addresses != NULL)
    return parse (host->addresses);
  g_set_error (error, G_RESOLVER_ERROR, host != NULL ? host->code : G_RESOLVER_ERROR_NOT_FOUND,
               "No answer for %s", name);
  return NULL;
}

static void
names_finalize (GObject *object)
{
  Names *self = (Names *) object;

  g_hash_table_unref (self->hosts);
  g_ptr_array_unref (self->open);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (names_parent_class)->finalize (object);
}

static void
names_class_init (NamesClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = names_finalize;
  resolver_class->lookup_by_name = names_lookup_by_name;
  resolver_class->lookup_by_name_async = names_lookup_by_name_async;
  resolver_class->lookup_by_name_finish = names_lookup_by_name_finish;
  resolver_class->lookup_by_name_with_flags_async = names_lookup_by_name_with_flags_async;
  resolver_class->lookup_by_name_with_flags_finish = names_lookup_by_name_finish;
}

static void
names_init (Names *self)
{
  g_mutex_init (&self->mutex);
  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, host_free);
  self->open = g_ptr_array_new_with_free_func (g_object_unref);
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
  answer_open_locked (self->names);
  g_mutex_unlock (&self->names->mutex);
}

/* Nobody is left without an answer. */
void
test_resolver_free (TestResolver *self)
{
  g_mutex_lock (&self->names->mutex);
  g_hash_table_remove_all (self->names->hosts);
  answer_open_locked (self->names);
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

  answer_open_locked (self->names);
  return self->names->open->len;
}
