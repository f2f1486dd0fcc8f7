/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When preloaded, this module counts the calls of libplantrpc that can fail, and lets one of them
 * fail. Calls of libzmq, GLib and the program itself are not touched: their failures are tested
 * elsewhere, and some of them end the process.
 *
 * $TORTURE_LOG names a file, to which a line is written for each call: its address in the
 * library, in hexadecimal, and the function. $TORTURE_FAIL is an address and a number: with
 * “1a2b:3” the third call at that address fails, and its line is “failed”. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <link.h>
#include <locale.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

static uintptr_t library_start;
static uintptr_t library_end;
static uintptr_t fail_place;
static unsigned int fail_number;
static atomic_uint n_calls; /* calls so far at the place that is to fail */
static _Atomic (const char *) failed; /* the function that has failed; NULL: none */
static int log_fd = -1;

static int
find_library (struct dl_phdr_info *info,
              size_t               size,
              void                *data)
{
  if (strstr (info->dlpi_name, "libplantrpc-1.so") == NULL)
    return 0;
  library_start = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; i++)
    {
      uintptr_t end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;

      if (info->dlpi_phdr[i].p_type == PT_LOAD && end > library_end)
        library_end = end;
    }
  return 1;
}

__attribute__ ((constructor))
static void
read_environment (void)
{
  const char *fail = getenv ("TORTURE_FAIL");
  const char *log = getenv ("TORTURE_LOG");
  unsigned long place;

  dl_iterate_phdr (find_library, NULL);
  if (fail != NULL && sscanf (fail, "%lx:%u", &place, &fail_number) == 2)
    fail_place = place;
  if (log != NULL)
    log_fd = open (log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void
note (const char *function,
      uintptr_t   place)
{
  char line[128];
  int length = snprintf (line, sizeof line, "%lx %s\n", (unsigned long) place, function);
  ssize_t (*write_line) (int, const void *, size_t) = dlsym (RTLD_NEXT, "write");

  if (log_fd >= 0)
    write_line (log_fd, line, length);
}

/* Returns TRUE if this call, which returns to CALLER, is the one that must fail. */
static int
is_to_fail (const char *function,
            const void *caller)
{
  uintptr_t address = (uintptr_t) caller;

  if (address < library_start || address >= library_end)
    return 0;
  address -= library_start;
  if (fail_place == 0)
    note (function, address);
  if (address != fail_place || atomic_fetch_add (&n_calls, 1) + 1 != fail_number)
    return 0;
  note ("failed", address);
  atomic_store (&failed, function);
  return 1;
}

/* Returns the function that has failed, or NULL. The program looks this one up by its name. */
const char *preload_get_failed (void);

const char *
preload_get_failed (void)
{
  return atomic_load (&failed);
}

/* Some failures pass and others last: either comes at every other call of a place. */
static int
choose (int lasting,
        int passing)
{
  return fail_number % 2 != 0 ? lasting : passing;
}

/* Replaces a function that fails with a return value and an errno. Only the linker knows it by
 * NAME, since headers declare some of these functions differently. */
#define TORTURE(type, name, parameters, arguments, failure, code)           \
  type torture_##name parameters __asm__ (#name);                           \
                                                                            \
  type                                                                      \
  torture_##name parameters                                                 \
  {                                                                         \
    static type (*next) parameters;                                         \
                                                                            \
    if (next == NULL)                                                       \
      next = (type (*) parameters) dlsym (RTLD_NEXT, #name);                \
    if (!is_to_fail (#name, __builtin_return_address (0)))                  \
      return next arguments;                                                \
    errno = code;                                                           \
    return failure;                                                         \
  }

/* Replaces a function that fails with FALSE or NULL and a GError. */
#define TORTURE_G(type, name, parameters, arguments, failure, domain, code) \
  type torture_##name parameters __asm__ (#name);                           \
                                                                            \
  type                                                                      \
  torture_##name parameters                                                 \
  {                                                                         \
    static type (*next) parameters;                                         \
                                                                            \
    if (next == NULL)                                                       \
      next = (type (*) parameters) dlsym (RTLD_NEXT, #name);                \
    if (!is_to_fail (#name, __builtin_return_address (0)))                  \
      return next arguments;                                                \
    g_set_error_literal (error, domain, code, "Torture");                   \
    return failure;                                                         \
  }

/* ---- libzmq */

TORTURE (void *, zmq_ctx_new, (void), (), NULL, EMFILE)
TORTURE (int, zmq_ctx_set, (void *context, int option, int value), (context, option, value), -1,
         EINVAL)
TORTURE (void *, zmq_socket, (void *context, int type), (context, type), NULL, EMFILE)
TORTURE (int, zmq_setsockopt, (void *socket, int option, const void *value, size_t size),
         (socket, option, value, size), -1, EINVAL)
TORTURE (int, zmq_getsockopt, (void *socket, int option, void *value, size_t *size),
         (socket, option, value, size), -1, option == ZMQ_EVENTS ? EINTR : EINVAL)
TORTURE (int, zmq_bind, (void *socket, const char *url), (socket, url), -1, EADDRINUSE)
TORTURE (int, zmq_unbind, (void *socket, const char *url), (socket, url), -1, ENOENT)
TORTURE (int, zmq_connect, (void *socket, const char *url), (socket, url), -1, EMFILE)
TORTURE (int, zmq_disconnect, (void *socket, const char *url), (socket, url), -1, ENOENT)
TORTURE (int, zmq_socket_monitor, (void *socket, const char *url, int events),
         (socket, url, events), -1, EMFILE)
TORTURE (int, zmq_poll, (zmq_pollitem_t * items, int n_items, long timeout),
         (items, n_items, timeout), -1, EINTR)
TORTURE (int, zmq_msg_init_size, (zmq_msg_t * message, size_t size), (message, size), -1, ENOMEM)
TORTURE (int, zmq_msg_init_data,
         (zmq_msg_t * message, void *data, size_t size, zmq_free_fn *release, void *hint),
         (message, data, size, release, hint), -1, ENOMEM)
TORTURE (int, zmq_msg_send, (zmq_msg_t * message, void *socket, int flags),
         (message, socket, flags), -1, EAGAIN)
TORTURE (int, zmq_msg_recv, (zmq_msg_t * message, void *socket, int flags),
         (message, socket, flags), -1, EINTR)
TORTURE (int, zmq_send, (void *socket, const void *data, size_t size, int flags),
         (socket, data, size, flags), -1, EAGAIN)
TORTURE (const char *, zmq_msg_gets, (const zmq_msg_t *message, const char *property),
         (message, property), NULL, EINVAL)
TORTURE (int, zmq_curve_keypair, (char *public_key, char *secret_key), (public_key, secret_key), -1,
         ENOTSUP)
TORTURE (int, zmq_curve_public, (char *public_key, const char *secret_key),
         (public_key, secret_key), -1, ENOTSUP)

/* ---- the C library */

TORTURE (int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1, EMFILE)
TORTURE (int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size),
         -1, EADDRINUSE)
TORTURE (int, listen, (int fd, int backlog), (fd, backlog), -1, EADDRINUSE)
TORTURE (int, connect, (int fd, const struct sockaddr *address, socklen_t size),
         (fd, address, size), -1, ENETUNREACH)
TORTURE (int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
         (fd, address, size, flags), -1, choose (EMFILE, ECONNABORTED))
TORTURE (int, shutdown, (int fd, int how), (fd, how), -1, ENOTCONN)
TORTURE (int, getsockname, (int fd, struct sockaddr *address, socklen_t *size),
         (fd, address, size), -1, ENOBUFS)
TORTURE (int, getpeername, (int fd, struct sockaddr *address, socklen_t *size),
         (fd, address, size), -1, ENOTCONN)
TORTURE (int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
         (fd, level, name, value, size), -1, ENOBUFS)
TORTURE (int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
         (fd, level, name, value, size), -1, ENOBUFS)
TORTURE (ssize_t, send, (int fd, const void *data, size_t size, int flags),
         (fd, data, size, flags), -1, choose (ECONNRESET, EAGAIN))
TORTURE (ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
         -1, choose (EPIPE, ENOBUFS))
TORTURE (ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags), -1,
         choose (ECONNRESET, EAGAIN))
TORTURE (int, poll, (struct pollfd * items, nfds_t n_items, int timeout),
         (items, n_items, timeout), -1, EINTR)
TORTURE (int, epoll_create1, (int flags), (flags), -1, EMFILE)
TORTURE (int, epoll_ctl, (int epoll, int operation, int fd, struct epoll_event *event),
         (epoll, operation, fd, event), -1, ENOMEM)
TORTURE (int, epoll_wait, (int epoll, struct epoll_event *events, int n_events, int timeout),
         (epoll, events, n_events, timeout), -1, EINTR)
TORTURE (ssize_t, sendto,
         (int fd, const void *data, size_t size, int flags, const struct sockaddr *address,
          socklen_t address_size),
         (fd, data, size, flags, address, address_size), -1, ECONNREFUSED)
TORTURE (ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), -1, EINTR)
TORTURE (ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), -1, EINTR)
TORTURE (int, eventfd, (unsigned int value, int flags), (value, flags), -1, EMFILE)
TORTURE (int, pipe2, (int fds[2], int flags), (fds, flags), -1, EMFILE)
TORTURE (int, ioctl, (int fd, unsigned long request, void *argument), (fd, request, argument), -1,
         EINVAL)
TORTURE (int, fcntl64, (int fd, int command, long argument), (fd, command, argument), -1,
         command == F_DUPFD_CLOEXEC ? EMFILE : EINVAL)
TORTURE (int, fstat64, (int fd, struct stat64 *result), (fd, result), -1, ENOMEM)
TORTURE (int, open64, (const char *path, int flags, int mode), (path, flags, mode), -1, EMFILE)
TORTURE (int, fsync, (int fd), (fd), -1, ENOSPC)
TORTURE (int, link, (const char *from, const char *to), (from, to), -1, EROFS)
TORTURE (int, rename, (const char *from, const char *to), (from, to), -1, EROFS)
TORTURE (int, g_mkstemp_full, (char *name, int flags, int mode), (name, flags, mode), -1, ENOSPC)
TORTURE (int, g_mkdir_with_parents, (const char *folder, int mode), (folder, mode), -1, EROFS)
TORTURE (int, getaddrinfo,
         (const char *host, const char *service, const struct addrinfo *hints,
          struct addrinfo **result),
         (host, service, hints, result), EAI_MEMORY, 0)
TORTURE (int, getnameinfo,
         (const struct sockaddr *address, socklen_t size, char *host, socklen_t host_size,
          char *service, socklen_t service_size, int flags),
         (address, size, host, host_size, service, service_size, flags), EAI_MEMORY, 0)
TORTURE (const char *, inet_ntop, (int family, const void *address, char *text, socklen_t size),
         (family, address, text, size), NULL, ENOSPC)
TORTURE (ssize_t, getrandom, (void *data, size_t size, unsigned int flags), (data, size, flags), -1,
         ENOSYS)
TORTURE (locale_t, newlocale, (int mask, const char *name, locale_t base), (mask, name, base),
         (locale_t) 0, ENOMEM)

/* ---- GLib */

TORTURE_G (GThread *, g_thread_try_new,
           (const char *name, GThreadFunc func, gpointer data, GError **error),
           (name, func, data, error), NULL, G_THREAD_ERROR, G_THREAD_ERROR_AGAIN)
TORTURE_G (GSocket *, g_socket_new,
           (GSocketFamily family, GSocketType type, GSocketProtocol protocol, GError **error),
           (family, type, protocol, error), NULL, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES)
TORTURE_G (gboolean, g_socket_bind,
           (GSocket * socket, GSocketAddress *address, gboolean reuse, GError **error),
           (socket, address, reuse, error), FALSE, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)
TORTURE_G (gboolean, g_socket_listen, (GSocket * socket, GError **error), (socket, error), FALSE,
           G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)
TORTURE_G (GSocket *, g_socket_accept,
           (GSocket * socket, GCancellable *cancellable, GError **error),
           (socket, cancellable, error), NULL, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES)
TORTURE_G (GSocketAddress *, g_socket_get_local_address, (GSocket * socket, GError **error),
           (socket, error), NULL, G_IO_ERROR, G_IO_ERROR_BUSY)
TORTURE_G (gboolean, g_socket_close, (GSocket * socket, GError **error), (socket, error), FALSE,
           G_IO_ERROR, G_IO_ERROR_BUSY)
TORTURE_G (gboolean, g_file_load_contents,
           (GFile * file, GCancellable *cancellable, char **contents, gsize *length, char **etag,
            GError **error),
           (file, cancellable, contents, length, etag, error), FALSE, G_IO_ERROR,
           G_IO_ERROR_NO_SPACE)
