/* What the TLS module uses of OpenSSL 3.0, with functions for what the headers offer as macros or variadic calls only.
   Everything here is a thin shim: what is allowed, chosen and refused is decided in the TLS module. */
#ifndef WEIR_COPENSSL_H
#define WEIR_COPENSSL_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stddef.h>

/* Contexts. */

/* No compression, no renegotiation, the server's order of ciphers; buffers given back between records; partial writes from a
   buffer that may move; several records taken from the socket by one read. */
static inline void weir_ssl_ctx_configure(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, 64 << 10);
    /* Tickets carry sessions; the cache is a table behind a lock. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int weir_ssl_ctx_set_minimum_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline void weir_ssl_ctx_set_server_name_callback(SSL_CTX *context, int (*callback)(SSL *, int *, void *),
                                                         void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

/* A number under which a context keeps a pointer, and calls `release` with it when the context is freed. */
static inline int weir_ssl_ctx_new_index(CRYPTO_EX_free *release) {
    return SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, release);
}

/* Sessions. */

static inline int weir_ssl_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

/* A BIO over a socket that neither owns it nor raises SIGPIPE; NULL when memory is short. */
BIO *weir_socket_bio(int descriptor);

/* Certificates. */

/* Every certificate of a PEM text, in its order; NULL, with the reason queued, when one is malformed or there is none. */
STACK_OF(X509) *weir_read_certificates(const void *pem, int length);
/* The first private key of a PEM text; an encrypted one is an error, never a prompt. */
EVP_PKEY *weir_read_private_key(const void *pem, int length);

static inline int weir_certificates_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *weir_certificate(const STACK_OF(X509) *stack, int position) {
    return sk_X509_value(stack, position);
}
static inline X509 *weir_certificates_remove_first(STACK_OF(X509) *stack) { return sk_X509_shift(stack); }
static inline void weir_certificates_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

/* The DNS names among a certificate's subject alternative names, one per line, for the caller to free with
   weir_text_free; NULL when there are none. Names with bytes outside of printable ASCII are left out. */
char *weir_dns_names(const X509 *certificate);
static inline void weir_text_free(char *text) { OPENSSL_free(text); }

/* Seconds from 1970 to a time; 0 when it cannot be read. */
long long weir_unix_time(const ASN1_TIME *time);

static inline EVP_PKEY *weir_new_p256_key(void) { return EVP_EC_gen("P-256"); }

/* Adds an extension given in OpenSSL's configuration syntax; 0, with the reason queued, when that fails. */
int weir_add_extension(X509 *certificate, X509 *issuer, int kind, const char *value);

/* The bytes that a memory BIO holds; they live as long as it. */
static inline size_t weir_memory_bio_bytes(BIO *bio, const void **bytes) {
    char *data = NULL;
    long length = BIO_get_mem_data(bio, &data);
    *bytes = data;
    return length > 0 ? (size_t)length : 0;
}

/* Errors. */

/* Writes the oldest error of the calling thread's queue as text and empties the queue; 0 when there was none. */
size_t weir_take_error(char *text, size_t size);

#endif
