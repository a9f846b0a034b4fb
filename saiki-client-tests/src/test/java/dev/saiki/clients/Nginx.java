package dev.saiki.clients;

import dev.saiki.testkit.Program;
import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// An nginx in front of a server, with default settings except for the address of the server.
///
/// @param process the proxy
/// @param port the port at which it listens
record Nginx(TestProcess process, int port) implements AutoCloseable {

    /// Starts an nginx, and waits until it listens.
    ///
    /// @param folder the folder for its files
    /// @param server the port of the server behind it
    static Nginx before(Path folder, int server) throws IOException, InterruptedException {
        int port = freePort();
        Path configuration = Files.writeString(folder.resolve("nginx.conf"), configuration(folder, port, server));
        TestProcess process = TestProcess.start(List.of(
                Program.NGINX.path(),
                "-p",
                folder.toString(),
                "-e",
                folder.resolve("error.log").toString(),
                "-c",
                configuration.toString()));
        for (int time = 0; !listens(port); time++) {
            if (time > 200) {
                process.close();
                throw new IllegalStateException(
                        "nginx does not listen: " + Files.readString(folder.resolve("error.log")));
            }
            Thread.sleep(50);
        }
        return new Nginx(process, port);
    }

    private static String configuration(Path folder, int port, int server) {
        return """
            daemon off;
            master_process off;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path %1$s;
              proxy_temp_path %1$s;
              fastcgi_temp_path %1$s;
              uwsgi_temp_path %1$s;
              scgi_temp_path %1$s;
              server {
                listen 127.0.0.1:%2$d;
                location / {
                  proxy_pass http://127.0.0.1:%3$d;
                }
              }
            }
            """.formatted(folder, port, server);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /// The base URL, as OpenAI's clients call it.
    String baseUrl() {
        return "http://127.0.0.1:" + port + "/v1";
    }

    @Override
    public void close() {
        process.close();
    }
}
