/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fault-action.h"

#include <glib/gi18n-lib.h>
#include <plantrpc/plantrpc.h>

#define MAX_SECONDS 1e6
#define MAX_RATE    1e12 /* bytes a second */

/* The longest fault and the longest delay that --random chooses, in seconds. */
#define LONGEST       2.0
#define LONGEST_DELAY 0.2
#define NARROWEST     16384.0

typedef enum {
  NUMBER_NONE,
  NUMBER_SECONDS, /* seconds, which may be left out */
  NUMBER_DELAY,
  NUMBER_RATE,
} Number;

/* The syntax of each command, and the kind that ends it. */
static const struct {
  const char *name;
  FaultWay    way;    /* the way if none is given; 0 if the command has no way */
  Number      number;
  FaultKind   end;
} kinds[FAULT_N_KINDS] = {
  [FAULT_DELAY] = { "delay", 0, NUMBER_DELAY, FAULT_DELAY },
  [FAULT_RATE] = { "rate", 0, NUMBER_RATE, FAULT_RATE },
  [FAULT_FREEZE] = { "freeze", FAULT_WAY_BOTH, NUMBER_SECONDS, FAULT_THAW },
  [FAULT_THAW] = { "thaw", FAULT_WAY_BOTH, NUMBER_NONE, FAULT_THAW },
  [FAULT_RESET] = { "reset", 0, NUMBER_NONE, FAULT_RESET },
  [FAULT_DROP] = { "drop", 0, NUMBER_NONE, FAULT_DROP },
  [FAULT_HALF_CLOSE] = { "half-close", FAULT_WAY_DOWN, NUMBER_NONE, FAULT_HALF_CLOSE },
  [FAULT_FORGET] = { "forget", FAULT_WAY_BOTH, NUMBER_SECONDS, FAULT_RESET },
  [FAULT_KILL] = { "kill", 0, NUMBER_SECONDS, FAULT_ACCEPT },
  [FAULT_REFUSE] = { "refuse", 0, NUMBER_SECONDS, FAULT_ACCEPT },
  [FAULT_ACCEPT] = { "accept", 0, NUMBER_NONE, FAULT_ACCEPT },
};

const char *
fault_kind_get_name (FaultKind kind)
{
  return kinds[kind].name;
}

gboolean
fault_kind_has_way (FaultKind kind)
{
  return kinds[kind].way != 0;
}

FaultKind
fault_kind_get_end (FaultKind kind)
{
  return kinds[kind].end;
}

/* ---- parsing */

gboolean
fault_seconds_parse (const char  *text,
                     double      *seconds,
                     GError     **error)
{
  char *end = NULL;

  *seconds = g_ascii_strtod (text, &end);
  if (end != text && *end == '\0' && *seconds >= 0 && *seconds <= MAX_SECONDS)
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
               _("expected seconds, got “%s”"), text);
  return FALSE;
}

gboolean
fault_rate_parse (const char  *text,
                  double      *rate,
                  GError     **error)
{
  char *end = NULL;

  *rate = g_ascii_strtod (text, &end);
  if (end != text && (*end == 'K' || *end == 'M'))
    *rate *= *end++ == 'K' ? 1024 : 1024 * 1024;
  if (end != text && *end == '\0' && *rate >= 0 && *rate <= MAX_RATE)
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
               _("expected bytes a second, as 64K, got “%s”"), text);
  return FALSE;
}

static gboolean
find_kind (const char *name,
           FaultKind  *kind)
{
  for (guint i = 0; i < FAULT_N_KINDS; i++)
    {
      *kind = i;
      if (g_str_equal (kinds[i].name, name))
        return TRUE;
    }
  return FALSE;
}

static gboolean
parse_way (const char *text,
           FaultWay   *way)
{
  if (!g_str_equal (text, "up") && !g_str_equal (text, "down"))
    return FALSE;
  *way = g_str_equal (text, "up") ? FAULT_WAY_UP : FAULT_WAY_DOWN;
  return TRUE;
}

static gboolean
parse_number (Number       kind,
              const char  *text,
              double      *number,
              GError     **error)
{
  return kind == NUMBER_RATE ? fault_rate_parse (text, number, error)
                             : fault_seconds_parse (text, number, error);
}

/* WORDS has at least one word. */
gboolean
fault_action_parse (FaultAction  *self,
                    char        **words,
                    GError      **error)
{
  g_autofree char *line = g_strjoinv (" ", words);
  Number number;
  char **rest = words + 1;

  *self = (FaultAction) { 0 };
  if (!find_kind (words[0], &self->kind))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                   _("there is no fault “%s”"), words[0]);
      return FALSE;
    }
  self->way = kinds[self->kind].way;
  number = kinds[self->kind].number;
  if (self->way != 0 && *rest != NULL && parse_way (*rest, &self->way))
    rest++;
  if (number != NUMBER_NONE && *rest != NULL)
    {
      if (!parse_number (number, *rest++, &self->number, error))
        return FALSE;
      number = NUMBER_NONE;
    }
  if (*rest == NULL && (number == NUMBER_NONE || number == NUMBER_SECONDS))
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
               _("“%s” is not how this fault is written; see “plantrpc fault --help”"), line);
  return FALSE;
}

/* ---- choosing at random */

void
fault_action_choose (FaultAction *self,
                     GRand       *chance)
{
  static const FaultKind choices[] = { FAULT_DELAY, FAULT_RATE, FAULT_FREEZE, FAULT_FREEZE,
                                       FAULT_RESET, FAULT_DROP, FAULT_HALF_CLOSE, FAULT_FORGET,
                                       FAULT_KILL, FAULT_REFUSE };
  double share = g_rand_double (chance);

  self->kind = choices[g_rand_int_range (chance, 0, G_N_ELEMENTS (choices))];
  self->way = g_rand_int_range (chance, FAULT_WAY_UP, FAULT_WAY_BOTH + 1);
  /* On average, every second delay or rate sets the line back to normal. */
  if (self->kind == FAULT_DELAY)
    self->number = MAX (2 * share - 1, 0) * LONGEST_DELAY;
  else if (self->kind == FAULT_RATE)
    self->number = share < 0.5 ? 0 : NARROWEST / (2 * (1 - share));
  else
    self->number = MAX (share, 0.05) * LONGEST;
}

/* ---- performing */

gboolean
fault_action_perform (const FaultAction *self,
                      FaultProxy        *proxy,
                      FaultLine         *line,
                      guint              number,
                      GError           **error)
{
  switch (self->kind)
    {
    case FAULT_DELAY:
      line->delay = self->number;
      fault_proxy_set_line (proxy, line);
      return TRUE;
    case FAULT_RATE:
      line->rate = self->number;
      fault_proxy_set_line (proxy, line);
      return TRUE;
    case FAULT_FREEZE:
      fault_proxy_freeze (proxy, number, self->way);
      return TRUE;
    case FAULT_THAW:
      fault_proxy_thaw (proxy, self->way);
      return TRUE;
    case FAULT_HALF_CLOSE:
      fault_proxy_close (proxy, number, self->way);
      return TRUE;
    case FAULT_FORGET:
      fault_proxy_forget (proxy, number, self->way);
      return TRUE;
    case FAULT_RESET:
    case FAULT_DROP:
      fault_proxy_drop (proxy, number, self->kind == FAULT_RESET);
      return TRUE;
    case FAULT_KILL:
      fault_proxy_drop (proxy, number, TRUE);
      return fault_proxy_set_open (proxy, FALSE, error);
    case FAULT_REFUSE:
    case FAULT_ACCEPT:
    default:
      return fault_proxy_set_open (proxy, self->kind == FAULT_ACCEPT, error);
    }
}
