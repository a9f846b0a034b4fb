# Makes the parts of an archive of the command. Sourced by release.sh and pack-gpu.sh; needs bash.

# The modules of Java that the command and its libraries use. Micrometer and PostgreSQL's driver refer to java.desktop in
# code that never runs here; it is left out, since it is as large as all other modules.
java_modules=java.base,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.sql
java_modules+=,java.xml,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs

# Makes a Java with the modules that the command needs, and an archive of Java's own classes for the launcher's options.
make_java() { # home of the JDK, new folder
  "$1/bin/jlink" --add-modules "$java_modules" --strip-debug --no-header-files --no-man-pages --compress zip-6 --output "$2"
  "$2/bin/java" -XX:+UseCompactObjectHeaders -Xshare:dump -Xlog:disable -Xlog:all=error:stderr
}

# Copies the files that every archive contains.
lay_out() { # source, distribution, empty folder
  mkdir -p "$3/bin" "$3/scripts"
  cp "$1/scripts/archive-saiki.sh" "$3/bin/saiki"
  cp "$1"/scripts/{start,native-env,find-jdk}.sh "$3/scripts"
  cp -R "$1"/{LICENSE,NOTICE,CHANGELOG.md,recipes,plans,monitoring} "$3"
  cp -R "$2/lib" "$3/lib"
}
