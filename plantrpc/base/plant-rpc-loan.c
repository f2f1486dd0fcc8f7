/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-loan-private.h"

/* How many copies a thread keeps. */
#define N_LENT 64

typedef struct {
  gpointer       value;
  GBoxedFreeFunc free;
} Lent;

typedef struct {
  Lent  lent[N_LENT];
  guint next;
} Loans;

static void
return_value (Lent *lent)
{
  if (lent->value != NULL)
    lent->free (lent->value);
  lent->value = NULL;
}

static void
loans_free (gpointer data)
{
  Loans *loans = data;

  for (guint i = 0; i < G_N_ELEMENTS (loans->lent); i++)
    return_value (&loans->lent[i]);
  g_free (loans);
}

gconstpointer
plant_rpc_loan_lend (PlantRpcHome   *home,
                     gconstpointer   value,
                     GBoxedCopyFunc  copy,
                     GBoxedFreeFunc  free)
{
  static GPrivate all_loans = G_PRIVATE_INIT (loans_free);
  Loans *loans;
  Lent *lent;

  if (value == NULL || plant_rpc_home_owns_context (home))
    return value;
  loans = g_private_get (&all_loans);
  if (loans == NULL)
    {
      loans = g_new0 (Loans, 1);
      g_private_set (&all_loans, loans);
    }
  lent = &loans->lent[loans->next++ % N_LENT];
  return_value (lent);
  *lent = (Lent) { copy ((gpointer) value), free };
  return lent->value;
}

static gpointer
copy_string (gpointer value)
{
  return g_strdup (value);
}

const char *
plant_rpc_loan_lend_string (PlantRpcHome *home,
                            const char   *value)
{
  return plant_rpc_loan_lend (home, value, copy_string, g_free);
}

static gpointer
copy_error (gpointer value)
{
  return g_error_copy (value);
}

static void
error_free (gpointer value)
{
  g_error_free (value);
}

const GError *
plant_rpc_loan_lend_error (PlantRpcHome *home,
                           const GError *value)
{
  return plant_rpc_loan_lend (home, value, copy_error, error_free);
}
