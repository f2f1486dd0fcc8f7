/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* for EAI_NODATA */
#include "config.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#include "plant-rpc-question-private.h"
#include "plant-rpc-resolver-private.h"
#include "plant-rpc-test-resolver.h"
#include "plant-rpc-test-wait.h"

#define N_SILENT 60

/* ---- the name service of the system */

typedef struct {
  struct addrinfo     info;
  struct sockaddr_in6 address;
} Found;

static GMutex mutex;
static GCond changed;
static gboolean silent; /* (mutex mutex): hosts whose names begin so are not answered */
static guint n_silent;  /* (mutex mutex): that wait */

static void
add (struct addrinfo **list,
     const char       *text,
     guint32           scope)
{
  Found *found = g_new0 (Found, 1);
  const gboolean ipv6 = strchr (text, ':') != NULL;

  found->info.ai_family = ipv6 ? AF_INET6 : AF_INET;
  found->info.ai_addr = (struct sockaddr *) &found->address;
  found->info.ai_addrlen = ipv6 ? sizeof (struct sockaddr_in6) : sizeof (struct sockaddr_in);
  found->info.ai_next = *list;
  found->address.sin6_family = (sa_family_t) found->info.ai_family;
  if (ipv6)
    {
      inet_pton (AF_INET6, text, &found->address.sin6_addr);
      found->address.sin6_scope_id = scope;
    }
  else
    {
      inet_pton (AF_INET, text, &((struct sockaddr_in *) &found->address)->sin_addr);
    }
  *list = &found->info;
}

static void
wait_for_answer (void)
{
  g_mutex_lock (&mutex);
  n_silent++;
  while (silent)
    g_cond_wait (&changed, &mutex);
  n_silent--;
  g_mutex_unlock (&mutex);
}

int
getaddrinfo (const char             *name,
             const char             *service,
             const struct addrinfo  *hints,
             struct addrinfo       **list)
{
  *list = NULL;
  if (g_str_has_prefix (name, "silent"))
    wait_for_answer ();
  else if (g_str_equal (name, "near"))
    add (list, "10.0.0.1", 0);
  else if (g_str_equal (name, "both"))
    {
      add (list, "2001:db8::1", 0);
      add (list, "10.0.0.2", 0);
      add (list, "10.0.0.1", 0);
    }
  else if (g_str_equal (name, "linked"))
    {
      add (list, "2001:db8::1", 1);
      add (list, "fe80::2", 0);
      add (list, "fe80::1", 1);
    }
  if (*list != NULL)
    return 0;
  return g_str_equal (name, "unknown") ? EAI_NONAME : g_str_equal (name, "empty") ? EAI_NODATA
         : g_str_equal (name, "broken") ? EAI_MEMORY : EAI_AGAIN;
}

void
freeaddrinfo (struct addrinfo *list)
{
  while (list != NULL)
    {
      struct addrinfo *next = list->ai_next;

      g_free (list);
      list = next;
    }
}

/* ---- tests */

static void
assert_found (const char *host,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = plant_rpc_resolver_look_up (host, NULL, &error);
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  g_ptr_array_add (list, NULL);
  found = g_strjoinv (" ", (char **) list->pdata);
  g_assert_cmpstr (found, ==, expected);
}

/* Only an address that is of no use without its zone has it. The link with the number 1 is the
 * loopback one. */
static void
test_addresses (void)
{
  assert_found ("near", "10.0.0.1");
  assert_found ("both", "10.0.0.1 10.0.0.2 2001:db8::1");
  assert_found ("linked", "fe80::1%lo fe80::2 2001:db8::1");
  assert_found ("192.0.2.7", "192.0.2.7");
}

static void
test_errors (void)
{
  static const struct {
    const char     *host;
    GResolverError  code;
  } cases[] = {
    { "unknown", G_RESOLVER_ERROR_NOT_FOUND },
    { "empty", G_RESOLVER_ERROR_NOT_FOUND },
    { "broken", G_RESOLVER_ERROR_INTERNAL },
    { "later", G_RESOLVER_ERROR_TEMPORARY_FAILURE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_resolver_look_up (cases[i].host, NULL, &error));
      g_assert_error (error, G_RESOLVER_ERROR, (int) cases[i].code);
    }
}

/* A resolver that the program has set is asked. */
static void
test_of_program (void)
{
  g_autoptr (TestResolver) names = test_resolver_new ();
  g_autoptr (GError) error = NULL;

  test_resolver_set (names, "camera", "10.0.0.9");
  assert_found ("camera", "10.0.0.9");
  g_assert_null (plant_rpc_resolver_look_up ("near", NULL, &error));
  g_assert_error (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
}

static void
on_answered (GPtrArray    *addresses,
             const GError *error,
             gpointer      user_data)
{
  g_atomic_int_inc ((gint *) user_data);
}

static guint
count_silent (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  return n_silent;
}

static void
set_silent (gboolean now)
{
  g_mutex_lock (&mutex);
  silent = now;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&mutex);
}

/* More names than GLib's own resolver has threads hold up no other. */
static void
test_silent (void)
{
  PlantRpcQuestion *questions[N_SILENT];
  PlantRpcQuestion *near;
  gint n_answered = 0, n_near = 0;

  set_silent (TRUE);
  for (guint i = 0; i < N_SILENT; i++)
    {
      g_autofree char *name = g_strdup_printf ("silent-%u", i);

      questions[i] = plant_rpc_question_new (name, on_answered, &n_answered);
    }
  test_wait_for (count_silent () == N_SILENT);
  near = plant_rpc_question_new ("near", on_answered, &n_near);
  test_wait_for (g_atomic_int_get (&n_near) == 1);
  plant_rpc_question_free (near);
  g_assert_cmpint (g_atomic_int_get (&n_answered), ==, 0);

  set_silent (FALSE);
  test_wait_for (g_atomic_int_get (&n_answered) == N_SILENT);
  for (guint i = 0; i < N_SILENT; i++)
    plant_rpc_question_free (questions[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resolver/addresses", test_addresses);
  g_test_add_func ("/resolver/errors", test_errors);
  g_test_add_func ("/resolver/of-program", test_of_program);
  g_test_add_func ("/resolver/silent", test_silent);
  return g_test_run ();
}
