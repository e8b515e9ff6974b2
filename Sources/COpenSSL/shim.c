#include "COpenSSL.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* A socket as OpenSSL's own socket BIO has it, but for MSG_NOSIGNAL: a peer that has gone away is an error to the caller, not
   a signal to the process. */

static int socket_read(BIO *bio, char *bytes, int size) {
    BIO_clear_retry_flags(bio);
    ssize_t count;
    do {
        count = recv((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)size, 0);
    } while (count < 0 && errno == EINTR);
    if (count > 0) return (int)count;
    if (count == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        BIO_set_retry_read(bio);
    } else {
        ERR_raise_data(ERR_LIB_SYS, errno, "recv");
    }
    return (int)count;
}

static int socket_write(BIO *bio, const char *bytes, int size) {
    BIO_clear_retry_flags(bio);
    ssize_t count;
    do {
        count = send((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)size, MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count >= 0) return (int)count;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        BIO_set_retry_write(bio);
    } else {
        ERR_raise_data(ERR_LIB_SYS, errno, "send");
    }
    return (int)count;
}

static long socket_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    case BIO_CTRL_FLUSH: return 1;
    default: return 0;
    }
}

static BIO_METHOD *socket_method;
static pthread_once_t socket_method_once = PTHREAD_ONCE_INIT;

static void make_socket_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
    if (method == NULL) return;
    BIO_meth_set_read(method, socket_read);
    BIO_meth_set_write(method, socket_write);
    BIO_meth_set_ctrl(method, socket_control);
    socket_method = method;
}

BIO *weir_socket_bio(int descriptor) {
    pthread_once(&socket_method_once, make_socket_method);
    if (socket_method == NULL) return NULL;
    BIO *bio = BIO_new(socket_method);
    if (bio == NULL) return NULL;
    BIO_set_data(bio, (void *)(intptr_t)descriptor);
    BIO_set_init(bio, 1);
    return bio;
}

/* Without it OpenSSL asks at the terminal. */
static int no_password(char *text, int size, int writing, void *argument) {
    (void)text;
    (void)size;
    (void)writing;
    (void)argument;
    return -1;
}

static int ended_at_no_start_line(void) {
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

STACK_OF(X509) *weir_read_certificates(const void *pem, int length) {
    BIO *bio = BIO_new_mem_buf(pem, length);
    STACK_OF(X509) *stack = sk_X509_new_null();
    X509 *certificate;
    while (bio != NULL && stack != NULL && (certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
        if (sk_X509_push(stack, certificate) > 0) continue;
        X509_free(certificate);
        break;
    }
    BIO_free(bio);
    if (stack != NULL && sk_X509_num(stack) > 0 && ended_at_no_start_line()) {
        ERR_clear_error();
        return stack;
    }
    sk_X509_pop_free(stack, X509_free);
    return NULL;
}

EVP_PKEY *weir_read_private_key(const void *pem, int length) {
    BIO *bio = BIO_new_mem_buf(pem, length);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    return key;
}

static int is_printable(const unsigned char *bytes, int length) {
    for (int position = 0; position < length; position++) {
        if (bytes[position] <= 0x20 || bytes[position] >= 0x7f) return 0;
    }
    return length > 0;
}

char *weir_dns_names(const X509 *certificate) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    BIO *text = BIO_new(BIO_s_mem());
    for (int position = 0; text != NULL && position < sk_GENERAL_NAME_num(names); position++) {
        int kind = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, position), &kind);
        if (kind != GEN_DNS || !is_printable(ASN1_STRING_get0_data(value), ASN1_STRING_length(value))) continue;
        BIO_write(text, ASN1_STRING_get0_data(value), ASN1_STRING_length(value));
        BIO_write(text, "\n", 1);
    }
    GENERAL_NAMES_free(names);
    char *data = NULL;
    long length = text == NULL ? 0 : BIO_get_mem_data(text, &data);
    char *copy = length > 0 ? OPENSSL_strndup(data, (size_t)length) : NULL;
    BIO_free(text);
    return copy;
}

long long weir_unix_time(const ASN1_TIME *time) {
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    int done = epoch != NULL && time != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time);
    ASN1_TIME_free(epoch);
    return done ? (long long)days * 86400 + seconds : 0;
}

int weir_add_extension(X509 *certificate, X509 *issuer, int kind, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    if (extension == NULL) return 0;
    int done = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return done;
}

size_t weir_take_error(char *text, size_t size) {
    const char *data = NULL;
    int flags = 0;
    unsigned long code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
    if (size == 0 || code == 0) return 0;
    const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
    int has_data = !ERR_SYSTEM_ERROR(code) && data != NULL && *data != 0 && (flags & ERR_TXT_STRING) != 0;
    int length = snprintf(text, size, "%s%s%s", reason == NULL ? "unknown error" : reason, has_data ? ": " : "",
                          has_data ? data : "");
    ERR_clear_error();
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}
