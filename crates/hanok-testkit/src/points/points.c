// Loaded into a process under test (LD_PRELOAD): counts the calls that make its state durable or known to
// others, can kill it before the Nth or make some fail, and can record each call with its content. Only what concerns the
// data directory, the database server and answers to clients counts. It can
// also set the wall clock of the process. See mod.rs for the other side.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct page {
    _Atomic uint64_t armed, kill_at, seen;
    _Atomic int64_t clock_ahead;
    // Of the calls of this kind, those after the first `fail_after` fail, `fail_times` of them.
    _Atomic uint64_t fail_kind, fail_after, fail_times, fail_errno;
};

// Kinds, as mod.rs reads them.
enum { WRITE = 1, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, CREATE, DATABASE, ANSWER, OPEN_ANY };

static struct page *page;
static char root[4096];
static size_t root_length;
static int database_port;
static int record = -1;
// Set by a point for the call that follows it: the error that it is to end with.
static __thread int refused;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

static int has_role(const char *role) {
    char words[8192];
    int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY);
    if (fd < 0) return 0;
    ssize_t length = read(fd, words, sizeof words - 1);
    close(fd);
    if (length <= 0) return 0;
    words[length] = 0;
    char *second = words + strlen(words) + 1;
    return second < words + length && strcmp(second, role) == 0;
}

__attribute__((constructor)) static void start(void) {
    const char *role = getenv("POINTS_ROLE"), *file = getenv("POINTS_PAGE");
    const char *place = getenv("POINTS_ROOT"), *port = getenv("POINTS_PORT");
    const char *trace = getenv("POINTS_RECORD");
    if (!role || !file || !place || !has_role(role)) return;
    root_length = strlen(place);
    if (root_length >= sizeof root) return;
    memcpy(root, place, root_length);
    database_port = port ? atoi(port) : 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
    void *mapped = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (trace) record = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (mapped != MAP_FAILED) page = mapped;
}

static int in_root(const char *path) {
    return strncmp(path, root, root_length) == 0 && !strstr(path, "/logs/") && !strstr(path, "-shm");
}

static void note(uint32_t kind, const char *path, const char *other, uint64_t offset, const void *data,
                 uint64_t length) {
    uint32_t head[3] = {kind, (uint32_t)strlen(path), (uint32_t)strlen(other)};
    uint64_t tail[2] = {offset, length};
    struct iovec parts[] = {{head, sizeof head},    {tail, sizeof tail},     {(void *)path, head[1]},
                            {(void *)other, head[2]}, {(void *)data, length}};
    syscall(SYS_writev, record, parts, 5);
}

// Decides whether the call that follows is to fail.
static void judge(uint32_t kind) {
    if (atomic_load(&page->fail_kind) != kind || !atomic_load(&page->fail_times)) return;
    if (atomic_load(&page->fail_after)) {
        atomic_fetch_sub(&page->fail_after, 1);
    } else {
        atomic_fetch_sub(&page->fail_times, 1);
        refused = (int)atomic_load(&page->fail_errno);
    }
}

// Counts a point; true when the caller must hand the order back after its call.
static int point(uint32_t kind, const char *path, const char *other, uint64_t offset, const void *data,
                 uint64_t length) {
    if (record >= 0) pthread_mutex_lock(&order);
    uint64_t number = atomic_fetch_add(&page->seen, 1) + 1;
    if (number == atomic_load(&page->kill_at)) {
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    }
    judge(kind);
    if (record >= 0 && !refused) note(kind, path, other, offset, data, length);
    return record >= 0;
}

static void done(int held) {
    int kept = errno;
    if (held) pthread_mutex_unlock(&order);
    errno = kept;
}

static int armed(void) { return page && atomic_load(&page->armed); }

static int path_of(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int is_database(int fd) {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
        char room[256];
    } peer;
    socklen_t length = sizeof peer;
    memset(&peer, 0, sizeof peer);
    if (getpeername(fd, &peer.any, &length)) return 0;
    if (peer.any.sa_family == AF_UNIX) return strstr(peer.un.sun_path, ".s.PGSQL") != NULL;
    return database_port && peer.any.sa_family == AF_INET && ntohs(peer.in.sin_port) == database_port;
}

// A call that sends or writes bytes through a descriptor. `at` is -1 for the present offset.
static int out(int fd, const void *data, size_t length, off_t at) {
    char path[4096];
    int kept = errno, held = 0;
    if (armed() && path_of(fd, path, sizeof path)) {
        if (strncmp(path, "socket:", 7) == 0) {
            if (is_database(fd)) held = point(DATABASE, "", "", 0, data, 0);
            else if (length > 9 && memcmp(data, "HTTP/1.1 ", 9) == 0)
                held = point(ANSWER, "", "", 0, data, 12);
        } else if (in_root(path)) {
            if (at < 0) {
                struct stat found;
                int append = fcntl(fd, F_GETFL) & O_APPEND;
                at = append && fstat(fd, &found) == 0 ? found.st_size : lseek(fd, 0, SEEK_CUR);
            }
            held = point(WRITE, path, "", (uint64_t)at, data, length);
        }
    }
    errno = kept;
    return held;
}

static int on_fd(uint32_t kind, int fd, uint64_t offset) {
    char path[4096];
    int kept = errno, held = 0;
    if (armed() && path_of(fd, path, sizeof path) && in_root(path))
        held = point(kind, path, "", offset, "", 0);
    errno = kept;
    return held;
}

static int on_path(uint32_t kind, const char *path, const char *other) {
    return armed() && in_root(path) ? point(kind, path, other, 0, "", 0) : 0;
}

#define CALL(type, held, call)      \
    do {                            \
        int held_ = (held);         \
        int error_ = refused;       \
        refused = 0;                \
        type result_ = error_ ? (type)-1 : (type)(call); \
        if (error_) errno = error_; \
        done(held_);                \
        return result_;             \
    } while (0)

ssize_t write(int fd, const void *data, size_t length) {
    CALL(ssize_t, out(fd, data, length, -1), syscall(SYS_write, fd, data, length));
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    CALL(ssize_t, out(fd, data, length, at), syscall(SYS_pwrite64, fd, data, length, at));
}
ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) {
    CALL(ssize_t, out(fd, data, length, at), syscall(SYS_pwrite64, fd, data, length, at));
}
// The first part decides; files of ours are never written in parts.
ssize_t writev(int fd, const struct iovec *parts, int count) {
    CALL(ssize_t, count > 0 ? out(fd, parts[0].iov_base, parts[0].iov_len, -1) : 0,
         syscall(SYS_writev, fd, parts, count));
}
ssize_t send(int fd, const void *data, size_t length, int flags) {
    CALL(ssize_t, out(fd, data, length, -1), syscall(SYS_sendto, fd, data, length, flags, NULL, 0));
}
ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to,
               socklen_t size) {
    CALL(ssize_t, out(fd, data, length, -1), syscall(SYS_sendto, fd, data, length, flags, to, size));
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    CALL(ssize_t,
         message->msg_iovlen ? out(fd, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len, -1) : 0,
         syscall(SYS_sendmsg, fd, message, flags));
}
int ftruncate(int fd, off_t length) {
    CALL(int, on_fd(TRUNCATE, fd, (uint64_t)length), syscall(SYS_ftruncate, fd, length));
}
int ftruncate64(int fd, off_t length) {
    CALL(int, on_fd(TRUNCATE, fd, (uint64_t)length), syscall(SYS_ftruncate, fd, length));
}
int fsync(int fd) { CALL(int, on_fd(SYNC, fd, 0), syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { CALL(int, on_fd(SYNC, fd, 0), syscall(SYS_fdatasync, fd)); }
int rename(const char *from, const char *to) {
    CALL(int, on_path(RENAME, from, to), syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int unlink(const char *path) {
    CALL(int, on_path(UNLINK, path, ""), syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
int mkdir(const char *path, mode_t mode) {
    CALL(int, on_path(MKDIR, path, ""), syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (page && clock == CLOCK_REALTIME) now->tv_sec += atomic_load(&page->clock_ahead);
    return result;
}

static int opened(const char *path, int flags, mode_t mode) {
    int held = 0, kept = errno;
    if ((flags & O_CREAT) && armed() && in_root(path)
        && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0)
        held = point(CREATE, path, "", 0, "", 0);
    if (armed() && in_root(path)) judge(OPEN_ANY);
    errno = kept;
    int error = refused;
    refused = 0;
    int fd = error ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (error) errno = error;
    done(held);
    return fd;
}
#define OPEN(name, extra)                                  \
    int name(const char *path, int flags, ...) {           \
        va_list rest;                                      \
        va_start(rest, flags);                             \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                      \
        return opened(path, flags | (extra), mode);        \
    }
OPEN(open, 0)
OPEN(open64, O_LARGEFILE)
