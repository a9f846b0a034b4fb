package dev.saiki.http.server;

import dev.saiki.io.InputException;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.List;

/// The TLS certificate and private key of a server, loaded for Helidon.
final class Certificates {

    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private Certificates() {}

    static Tls tls(TlsOptions options) {
        Keys keys = read(options);
        requirePair(options, keys);
        return Tls.builder()
                .privateKey(keys)
                .privateKeyCertChain(keys)
                .enabledProtocols(PROTOCOLS)
                .build();
    }

    private static Keys read(TlsOptions options) {
        try {
            return Keys.builder()
                    .pem(pem -> pem.certChain(Resource.create(options.certificate()))
                            .key(Resource.create(options.key())))
                    .build();
        } catch (RuntimeException e) {
            // Helidon throws exceptions of several types for an invalid file.
            throw new InputException(
                    options.certificate() + " and " + options.key()
                            + ": must be a PEM certificate and its private key, without a password",
                    e);
        }
    }

    /// Checks that the key belongs to the certificate. With the key of another certificate, the server would
    /// start, but no client could connect to it.
    private static void requirePair(TlsOptions options, Keys keys) {
        try {
            PrivateKey secret = keys.privateKey().orElseThrow();
            PublicKey open = keys.certChain().getFirst().getPublicKey();
            String algorithm = "RSA".equals(secret.getAlgorithm()) ? "SHA256withRSA" : "SHA256withECDSA";
            byte[] text = {1, 2, 3};
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(secret);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(text);
            if (!signature.verify(signed)) {
                throw new InputException(options.key() + ": is not the key of certificate " + options.certificate());
            }
        } catch (GeneralSecurityException e) {
            throw new InputException(options.key() + ": is not the key of certificate " + options.certificate(), e);
        }
    }
}
