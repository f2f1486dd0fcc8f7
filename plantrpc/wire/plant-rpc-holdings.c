/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-holdings-private.h"

/* The total of all accounts, an atomic rc box. libzmq frees messages on its own threads, also after
 * the holdings are freed, so accounts share this by reference. */
typedef struct {
  GMutex lock;
  gsize  total; /* (mutex lock) */
  gsize  freed; /* (mutex lock): bytes freed since take_freed() */
} Books;

/* An atomic rc box. */
typedef struct {
  Books    *books;  /* (owned) */
  guint64   connection;
  gsize     size;   /* (mutex lock) */
  gboolean  counts; /* TRUE: SIZE is in the total; FALSE: the connection must end */
} Account;

typedef struct {
  Account *account; /* (owned) */
  GBytes  *bytes;   /* (owned) */
} Held;

struct _PlantRpcHoldings {
  gsize                limit;
  PlantRpcGiveWayFunc  give_way;
  gpointer             owner;
  Books               *books;    /* (owned) */
  GHashTable          *accounts; /* (owned) (element-type guint64 Account) */
  gsize                most;     /* an upper bound of what one connection holds; often no connection
                                    holds as much */
};

static void
clear_books (gpointer books)
{
  g_mutex_clear (&((Books *) books)->lock);
}

static void
clear_account (gpointer account)
{
  g_atomic_rc_box_release_full (((Account *) account)->books, clear_books);
}

static void
unref_account (Account *account)
{
  g_atomic_rc_box_release_full (account, clear_account);
}

static void
change_size (Account *account,
             gsize    added,
             gsize    taken)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&account->books->lock);

  taken = MIN (taken, account->size + added);
  account->size += added - taken;
  account->books->freed += taken;
  if (account->counts)
    account->books->total += added - taken;
}

/* From now on the account does not count towards the total. */
static void
close_account (Account *account)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&account->books->lock);

  if (account->counts)
    account->books->total -= account->size;
  account->counts = FALSE;
}

static void
remove_account (gpointer account)
{
  close_account (account);
  unref_account (account);
}

PlantRpcHoldings *
plant_rpc_holdings_new (gsize               limit,
                        PlantRpcGiveWayFunc give_way,
                        gpointer            owner)
{
  PlantRpcHoldings *self = g_new0 (PlantRpcHoldings, 1);

  self->limit = limit;
  self->give_way = give_way;
  self->owner = owner;
  self->books = g_atomic_rc_box_new0 (Books);
  g_mutex_init (&self->books->lock);
  self->accounts = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, remove_account);
  return self;
}

void
plant_rpc_holdings_free (PlantRpcHoldings *self)
{
  g_hash_table_unref (self->accounts);
  g_atomic_rc_box_release_full (self->books, clear_books);
  g_free (self);
}

static Account *
ensure_account (PlantRpcHoldings *self,
                guint64           connection)
{
  Account *account = g_hash_table_lookup (self->accounts, &connection);

  if (account != NULL)
    return account;
  account = g_atomic_rc_box_new0 (Account);
  account->books = g_atomic_rc_box_acquire (self->books);
  account->connection = connection;
  account->counts = TRUE;
  g_hash_table_insert (self->accounts, &account->connection, account);
  return account;
}

static gsize
get_size (Account *account)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&account->books->lock);

  return account->counts ? account->size : 0;
}

/* Returns NULL if no other connection holds anything. */
static Account *
find_largest_other (PlantRpcHoldings *self,
                    guint64           connection)
{
  Account *largest = NULL;
  gsize largest_size = 0;
  GHashTableIter iter;
  Account *account;

  g_hash_table_iter_init (&iter, self->accounts);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &account))
    {
      const gsize size = account->connection != connection ? get_size (account) : 0;

      if (size <= largest_size)
        continue;
      largest = account;
      largest_size = size;
    }
  return largest;
}

gboolean
plant_rpc_holdings_make_room (PlantRpcHoldings *self,
                              guint64           connection,
                              gsize             size,
                              gboolean          first)
{
  Account *own = g_hash_table_lookup (self->accounts, &connection);
  const gsize wanted = (own != NULL ? get_size (own) : 0) + size;

  if (own != NULL && !own->counts)
    return FALSE;
  while (plant_rpc_holdings_get_total (self) + size > self->limit)
    {
      Account *largest;

      if (!first && wanted >= self->most)
        return FALSE;
      largest = find_largest_other (self, connection);
      self->most = MAX (wanted - size, largest != NULL ? get_size (largest) : 0);
      if (largest == NULL || (!first && get_size (largest) <= wanted))
        return first;
      if (self->give_way (self->owner, largest->connection) == 0)
        close_account (largest);
    }
  return TRUE;
}

void
plant_rpc_holdings_add (PlantRpcHoldings *self,
                        guint64           connection,
                        gsize             size)
{
  Account *account = ensure_account (self, connection);

  change_size (account, size, 0);
  self->most = MAX (self->most, get_size (account));
}

void
plant_rpc_holdings_subtract (PlantRpcHoldings *self,
                             guint64           connection,
                             gsize             size)
{
  Account *account = g_hash_table_lookup (self->accounts, &connection);

  if (account != NULL)
    change_size (account, 0, size);
}

static void
let_go (gpointer user_data)
{
  Held *held = user_data;

  change_size (held->account, 0, g_bytes_get_size (held->bytes));
  unref_account (held->account);
  g_bytes_unref (held->bytes);
  g_free (held);
}

GBytes *
plant_rpc_holdings_count (PlantRpcHoldings *self,
                          guint64           connection,
                          GBytes           *bytes)
{
  Held *held = g_new (Held, 1);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  held->account = g_atomic_rc_box_acquire (ensure_account (self, connection));
  held->bytes = g_bytes_ref (bytes);
  change_size (held->account, size, 0);
  self->most = MAX (self->most, get_size (held->account));
  return g_bytes_new_with_free_func (data, size, let_go, held);
}

gsize
plant_rpc_holdings_get (PlantRpcHoldings *self,
                        guint64           connection)
{
  Account *account = g_hash_table_lookup (self->accounts, &connection);

  return account != NULL ? get_size (account) : 0;
}

gsize
plant_rpc_holdings_get_total (PlantRpcHoldings *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->books->lock);

  return self->books->total;
}

void
plant_rpc_holdings_remove (PlantRpcHoldings *self,
                           guint64           connection)
{
  g_hash_table_remove (self->accounts, &connection);
}

gsize
plant_rpc_holdings_take_freed (PlantRpcHoldings *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->books->lock);
  gsize freed = self->books->freed;

  self->books->freed = 0;
  return freed;
}
