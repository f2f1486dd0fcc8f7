/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-authenticator-parts-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-text-private.h"

#define RELOAD_DELAY_MS 50
#define LOOK_SECONDS    1

/* the most refusals that wait to be told; strangers may knock faster than the program listens */
#define MAX_REFUSALS 16

/**
 * PlantRpcAuthenticator:
 *
 * Decides who may connect to a secured server, and with which role: the table of the public keys
 * that are allowed.
 *
 * A key that is not in the table is refused before its owner can send a request. One authenticator
 * can serve several servers; see [property@Server:authenticator].
 *
 * A change of the table takes effect at once if it is made in the main context of the server, and
 * otherwise when that runs next. A client whose key was revoked loses its connection, and is
 * refused when it connects again. A client whose role has changed loses its connection, too, and
 * learns its role when it connects again, which it does by itself.
 *
 * Its functions may be called from any thread.
 *
 * Since: 1.1
 */
typedef struct {
  PlantRpcAuthenticator *self;    /* (unowned): drops what waits when it is freed */
  char                  *key;     /* (owned) */
  char                  *address; /* (owned) */
} Refusal;

guint plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_N_SIGNALS];

/* One for all, so that a forked child finds the tables whole. */
static GMutex lock;

G_DEFINE_FINAL_TYPE (PlantRpcAuthenticator, plant_rpc_authenticator, G_TYPE_OBJECT)

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

void
plant_rpc_authenticator_lock (void)
{
  g_mutex_lock (&lock);
}

void
plant_rpc_authenticator_unlock (void)
{
  g_mutex_unlock (&lock);
}

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;

  g_free (refusal->key);
  g_free (refusal->address);
  g_free (refusal);
}

/* ---- life */

static void
plant_rpc_authenticator_init (PlantRpcAuthenticator *self)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new_for_object ();

  self->handover = plant_rpc_handover_new (plant_rpc_home_get_context (home));
  self->entries = plant_rpc_allowed_keys_new ();
  self->invitations = plant_rpc_invitations_new ();
}

static void
plant_rpc_authenticator_finalize (GObject *object)
{
  PlantRpcAuthenticator *self = PLANT_RPC_AUTHENTICATOR (object);

  plant_rpc_source_clear (&self->look);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  g_free (self->path);
  plant_rpc_handover_close (self->handover);
  plant_rpc_handover_unref (self->handover);
  g_hash_table_unref (self->entries);
  plant_rpc_invitations_free (self->invitations);
  G_OBJECT_CLASS (plant_rpc_authenticator_parent_class)->finalize (object);
}

static void
plant_rpc_authenticator_class_init (PlantRpcAuthenticatorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plant_rpc_authenticator_finalize;

  /**
   * PlantRpcAuthenticator::changed:
   * @self: the authenticator
   * @key: the public key
   *
   * Emitted when a key was allowed or revoked, or given another role. Another label alone does not
   * emit it. It is emitted at once and on the thread that made the change, whatever its main
   * context is. What another program writes into the file is read in the thread-default main
   * context of [ctor@Authenticator.new_for_name].
   *
   * Since: 1.1
   */
  plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_CHANGED] =
      g_signal_new ("changed", PLANT_RPC_TYPE_AUTHENTICATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * PlantRpcAuthenticator::refused:
   * @self: the authenticator
   * @key: the public key
   * @address: the numeric address of the client
   *
   * Emitted when a client was not let in, since its key is not allowed, in the thread-default main
   * context in which the authenticator was made. If clients are refused faster than that context
   * runs, not all of them are told. A refusal is not told either if the key has been allowed in the
   * meantime.
   *
   * Since: 1.1
   */
  plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_REFUSED] =
      g_signal_new ("refused", PLANT_RPC_TYPE_AUTHENTICATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);

  /**
   * PlantRpcAuthenticator::joined:
   * @self: the authenticator
   * @key: the public key that is allowed from now on
   * @name: what its owner calls himself: one line without control characters, perhaps empty
   * @role: the role that the key has now
   * @address: the numeric address of the client
   *
   * Emitted when somebody has joined by an invitation; see [method@Authenticator.invite]. A program
   * shows it to the owner of the device: if the invitation was stolen, this is where it is seen,
   * and [method@Authenticator.revoke] takes the key off the list.
   *
   * It is emitted in the thread-default main context in which the authenticator was made.
   *
   * Since: 1.1
   */
  plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_JOINED] =
      g_signal_new ("joined", PLANT_RPC_TYPE_AUTHENTICATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_STRING, PLANT_RPC_TYPE_ROLE,
                    G_TYPE_STRING);

  /**
   * PlantRpcAuthenticator::invitation-refused:
   * @self: the authenticator
   * @key: the public key of who wanted to join
   * @name: what its owner calls himself, as with [signal@Authenticator::joined]
   * @reason: what had become of the invitation: `used`, `expired`, or `gone` if it was taken back,
   *   or used at another server with the same file
   * @address: the numeric address of the client
   *
   * Emitted when somebody wanted to join by an invitation that was good no more. It is told for an
   * hour after its end; later, and after a restart, the key of the invitation is refused as any
   * other that is not allowed.
   *
   * It is emitted in the thread-default main context in which the authenticator was made. If
   * clients are refused faster than that context runs, not all of them are told.
   *
   * Since: 1.1
   */
  plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_INVITATION_REFUSED] =
      g_signal_new ("invitation-refused", PLANT_RPC_TYPE_AUTHENTICATOR, G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
                    G_TYPE_STRING);
}

/**
 * plant_rpc_authenticator_new:
 *
 * Makes an authenticator that allows nobody.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.1
 */
PlantRpcAuthenticator *
plant_rpc_authenticator_new (void)
{
  return g_object_new (PLANT_RPC_TYPE_AUTHENTICATOR, NULL);
}

/* ---- the table */

gboolean
plant_rpc_authenticator_normalize (const char  *key,
                                   char        *canonical,
                                   GError     **error)
{
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];
  g_autofree char *shown = NULL;

  if (plant_rpc_public_key_parse (key, bytes))
    {
      plant_rpc_public_key_print (bytes, canonical);
      return TRUE;
    }
  shown = plant_rpc_text_show (key);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is no public key"), shown);
  return FALSE;
}

static PlantRpcRole
get_role (const PlantRpcAllowedKey *allowed)
{
  return allowed != NULL ? allowed->role : PLANT_RPC_ROLE_NONE;
}

static void
put (PlantRpcAuthenticator    *self,
     const char               *key,
     const PlantRpcAllowedKey *allowed)
{
  PlantRpcAllowedKey *entry = g_new (PlantRpcAllowedKey, 1);

  *entry = (PlantRpcAllowedKey) { .role = allowed->role, .label = g_strdup (allowed->label) };
  g_hash_table_replace (self->entries, g_strdup (key), entry);
}

/* Whoever has another label only is not disturbed. */
void
plant_rpc_authenticator_change (PlantRpcAuthenticator    *self,
                                const char               *key,
                                const PlantRpcAllowedKey *allowed)
{
  gboolean changed;

  g_mutex_lock (&lock);
  changed = get_role (g_hash_table_lookup (self->entries, key)) != get_role (allowed);
  if (allowed != NULL)
    put (self, key, allowed);
  else
    g_hash_table_remove (self->entries, key);
  g_mutex_unlock (&lock);
  if (changed)
    g_signal_emit (self, plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_CHANGED], 0,
                   key);
}

/* ---- the file of the table */

static gboolean
is_allowed (const PlantRpcAllowedKey *line)
{
  return line != NULL && line->role != PLANT_RPC_ROLE_NONE;
}

static void
take_invitations (PlantRpcAuthenticator *self,
                  GHashTable            *table)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  plant_rpc_invitations_take (self->invitations, table, g_get_monotonic_time (),
                              g_get_real_time () / G_USEC_PER_SEC);
}

/* The keys that are no longer in the file are revoked first. */
static void
take_table (PlantRpcAuthenticator *self,
            GHashTable            *table)
{
  g_auto (GStrv) former = plant_rpc_authenticator_list_keys (self);
  GHashTableIter iter;
  const char *key;
  const PlantRpcAllowedKey *allowed;

  for (guint i = 0; former[i] != NULL; i++)
    {
      if (!is_allowed (g_hash_table_lookup (table, former[i])))
        plant_rpc_authenticator_change (self, former[i], NULL);
    }
  take_invitations (self, table);
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, (gpointer *) &key, (gpointer *) &allowed))
    {
      if (is_allowed (allowed))
        plant_rpc_authenticator_change (self, key, allowed);
    }
}

/* All is zero if there is no file. */
static void
look_at (const char  *path,
         struct stat *status)
{
  if (stat (path, status) != 0)
    memset (status, 0, sizeof *status);
}

/* A file that cannot be read allows nobody. */
static gboolean
read_table (PlantRpcAuthenticator  *self,
            GError                **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) none = plant_rpc_allowed_keys_new ();
  g_autoptr (GHashTable) table = NULL;

  look_at (self->path, &self->status);
  table = plant_rpc_allowed_keys_load (self->path, problems, error);
  for (guint i = 0; i < problems->len; i++)
    plant_rpc_message ("“%s”, %s", self->path, (const char *) problems->pdata[i]);
  take_table (self, table != NULL ? table : none);
  return table != NULL;
}

static void
read_again (PlantRpcAuthenticator *authenticator)
{
  g_autoptr (PlantRpcAuthenticator) self = g_object_ref (authenticator);
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();
  g_autoptr (GError) error = NULL;

  if (!read_table (self, &error))
    plant_rpc_message ("Nobody is allowed: %s", error->message);
}

static void
on_file_changed (GFileMonitor      *monitor,
                 GFile             *file,
                 GFile             *other,
                 GFileMonitorEvent  event,
                 gpointer           user_data)
{
  read_again (user_data);
}

/* The monitor sees neither what becomes of the target of a symbolic link, nor that the folder is
 * another one. Invitations expire meanwhile. */
static gboolean
on_look (gpointer user_data)
{
  PlantRpcAuthenticator *self = user_data;
  struct stat status;

  look_at (self->path, &status);
  if (status.st_dev != self->status.st_dev || status.st_ino != self->status.st_ino ||
      status.st_size != self->status.st_size || status.st_mode != self->status.st_mode ||
      status.st_mtim.tv_sec != self->status.st_mtim.tv_sec ||
      status.st_mtim.tv_nsec != self->status.st_mtim.tv_nsec)
    read_again (self);
  plant_rpc_authenticator_tidy (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
watch_file (PlantRpcAuthenticator  *self,
            GError                **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new_for_object ();
  g_autofree char *folder = g_path_get_dirname (self->path);

  /* What is made later is seen only in a folder that is there. */
  g_mkdir_with_parents (folder, 0700);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, error);
  if (self->monitor == NULL)
    return FALSE;
  g_file_monitor_set_rate_limit (self->monitor, RELOAD_DELAY_MS);
  g_signal_connect (self->monitor, "changed", G_CALLBACK (on_file_changed), self);
  self->look = plant_rpc_source_start (g_timeout_source_new_seconds (LOOK_SECONDS),
                                       plant_rpc_home_get_context (home), on_look, self,
                                       "[plantrpc] allowed keys");
  return TRUE;
}

/**
 * plant_rpc_authenticator_new_for_name: (constructor)
 * @name: the name of the pair of keys of the server, such as `default`
 * @error: return location for an error
 *
 * Makes an authenticator whose table is kept in a file: `NAME.allowed`, beside the pair of keys of
 * that name; see [func@Keypair.find_path].
 *
 * The file is read now, and again whenever it changes while the thread-default main context runs,
 * so that `plantrpc keys allow` takes effect within about 0.1 s, or a second if the file is behind
 * a symbolic link or its folder was replaced. [method@Authenticator.allow] and
 * [method@Authenticator.revoke] write it. A file that is not there allows nobody. Lines that cannot
 * be understood are left out, and told in the log.
 *
 * Fails with %G_IO_ERROR_INVALID_FILENAME if @name is no name, with %G_IO_ERROR_PERMISSION_DENIED
 * if others than this user and root may write the file, and with other errors of
 * [type@Gio.IOErrorEnum] if it cannot be read or watched.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.1
 */
PlantRpcAuthenticator *
plant_rpc_authenticator_new_for_name (const char  *name,
                                      GError     **error)
{
  g_autoptr (PlantRpcAuthenticator) self = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  self = plant_rpc_authenticator_new ();
  self->path = plant_rpc_allowed_keys_find_path (name, error);
  if (self->path == NULL || !watch_file (self, error) || !read_table (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* ---- for the owner */

/* Takes an invitation back, if the key is that of one. */
static gboolean
remove_invitation (PlantRpcAuthenticator *self,
                   const char            *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return plant_rpc_invitations_remove (self->invitations, key);
}

/**
 * plant_rpc_authenticator_allow:
 * @self: an authenticator
 * @key: a public key; see [method@Keypair.get_public_key]
 * @role: what its owner may do, not %PLANT_RPC_ROLE_NONE
 * @label: (nullable): what people call the owner
 * @error: return location for an error
 *
 * Allows the owner of a key to connect. A key that is allowed already gets the new role and label.
 *
 * Fails with %G_IO_ERROR_INVALID_ARGUMENT if @key is no public key, or @label is not one line of
 * UTF-8, and with other errors of [type@Gio.IOErrorEnum] if the file of the table cannot be
 * written.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_authenticator_allow (PlantRpcAuthenticator  *self,
                               const char             *key,
                               PlantRpcRole            role,
                               const char             *label,
                               GError                **error)
{
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  const PlantRpcAllowedKey allowed = { .role = role, .label = (char *) label };

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (role > PLANT_RPC_ROLE_NONE && role <= PLANT_RPC_ROLE_ADMINISTRATOR, FALSE);

  if (!plant_rpc_authenticator_normalize (key, canonical, error) ||
      (label != NULL && !plant_rpc_allowed_keys_check_label (label, error)) ||
      (self->path != NULL && !plant_rpc_allowed_keys_edit (self->path, canonical, &allowed, error)))
    return FALSE;
  remove_invitation (self, canonical);
  plant_rpc_authenticator_change (self, canonical, &allowed);
  return TRUE;
}

/**
 * plant_rpc_authenticator_revoke:
 * @self: an authenticator
 * @key: a public key
 * @error: return location for an error
 *
 * Takes a key out of the table. Who has it is refused from now on. The key of an invitation takes
 * that back.
 *
 * Fails with %G_IO_ERROR_INVALID_ARGUMENT if @key is no public key, and with %G_IO_ERROR_NOT_FOUND
 * if it was not allowed. If the file of the table cannot be written, it fails with another error of
 * [type@Gio.IOErrorEnum], and the key is refused until the file is read again.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_authenticator_revoke (PlantRpcAuthenticator  *self,
                                const char             *key,
                                GError                **error)
{
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  if (!plant_rpc_authenticator_normalize (key, canonical, error))
    return FALSE;
  if (!remove_invitation (self, canonical) &&
      plant_rpc_authenticator_find (self, canonical) == PLANT_RPC_ROLE_NONE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("The key “%s” is not allowed"), key);
      return FALSE;
    }
  /* It is refused even if the file cannot be written. */
  plant_rpc_authenticator_change (self, canonical, NULL);
  return self->path == NULL || plant_rpc_allowed_keys_edit (self->path, canonical, NULL, error);
}

PlantRpcRole
plant_rpc_authenticator_find (PlantRpcAuthenticator *self,
                              const char            *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  const PlantRpcAllowedKey *entry = g_hash_table_lookup (self->entries, key);

  return entry != NULL ? entry->role : PLANT_RPC_ROLE_NONE;
}

/**
 * plant_rpc_authenticator_get_role:
 * @self: an authenticator
 * @key: a public key
 *
 * Gets what the owner of a key may do.
 *
 * Returns: the role, or %PLANT_RPC_ROLE_NONE if the key is not allowed or is no public key
 *
 * Since: 1.1
 */
PlantRpcRole
plant_rpc_authenticator_get_role (PlantRpcAuthenticator *self,
                                  const char            *key)
{
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), PLANT_RPC_ROLE_NONE);
  g_return_val_if_fail (key != NULL, PLANT_RPC_ROLE_NONE);

  if (!plant_rpc_authenticator_normalize (key, canonical, NULL))
    return PLANT_RPC_ROLE_NONE;
  return plant_rpc_authenticator_find (self, canonical);
}

/**
 * plant_rpc_authenticator_dup_label:
 * @self: an authenticator
 * @key: a public key
 *
 * Gets what people call the owner of a key.
 *
 * Returns: (transfer full) (nullable): the label, or %NULL if the key has none or is not allowed
 *
 * Since: 1.1
 */
char *
plant_rpc_authenticator_dup_label (PlantRpcAuthenticator *self,
                                   const char            *key)
{
  g_autoptr (GMutexLocker) locker = NULL;
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  const PlantRpcAllowedKey *entry;

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  if (!plant_rpc_authenticator_normalize (key, canonical, NULL))
    return NULL;
  locker = g_mutex_locker_new (&lock);
  entry = g_hash_table_lookup (self->entries, canonical);
  return entry != NULL ? g_strdup (entry->label) : NULL;
}

/**
 * plant_rpc_authenticator_list_keys:
 * @self: an authenticator
 *
 * Lists the keys that are allowed, in the order of their characters.
 *
 * Returns: (transfer full): the public keys
 *
 * Since: 1.1
 */
char **
plant_rpc_authenticator_list_keys (PlantRpcAuthenticator *self)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (GList) keys = NULL;
  g_autoptr (GStrvBuilder) builder = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_AUTHENTICATOR (self), NULL);

  builder = g_strv_builder_new ();
  locker = g_mutex_locker_new (&lock);
  keys = g_list_sort (g_hash_table_get_keys (self->entries), (GCompareFunc) strcmp);
  for (GList *l = keys; l != NULL; l = l->next)
    g_strv_builder_add (builder, l->data);
  return g_strv_builder_end (builder);
}

/* ---- refusals */

static void
tell_refusal (gpointer data)
{
  Refusal *refusal = data;
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  plant_rpc_authenticator_release_refusal (refusal->self);
  if (plant_rpc_authenticator_find (refusal->self, refusal->key) != PLANT_RPC_ROLE_NONE)
    return;
  g_signal_emit (refusal->self, plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_REFUSED],
                 0, refusal->key, refusal->address);
}

void
plant_rpc_authenticator_release_refusal (PlantRpcAuthenticator *self)
{
  g_atomic_int_add (&self->n_refusals, -1);
}

gboolean
plant_rpc_authenticator_reserve_refusal (PlantRpcAuthenticator *self)
{
  if (g_atomic_int_add (&self->n_refusals, 1) < MAX_REFUSALS)
    return TRUE;
  plant_rpc_authenticator_release_refusal (self);
  return FALSE;
}

void
plant_rpc_authenticator_tell_refused (PlantRpcAuthenticator *self,
                                      const char            *key,
                                      const char            *address)
{
  Refusal *refusal;

  if (!plant_rpc_authenticator_reserve_refusal (self))
    return;
  refusal = g_new (Refusal, 1);
  *refusal = (Refusal) { self, g_strdup (key), g_strdup (address) };
  plant_rpc_handover_post (self->handover, tell_refusal, refusal, refusal_free);
}
