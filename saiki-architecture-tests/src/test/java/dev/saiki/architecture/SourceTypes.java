package dev.saiki.architecture;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// The types that source files declare, as the JDK's compiler parses them.
final class SourceTypes {

    /// A type.
    ///
    /// @param file the file that declares the type
    /// @param name the type's name after the names of the enclosing types, separated by dots
    /// @param line the first line of the type
    /// @param methods the type's own methods and constructors
    record SourceType(Path file, String name, long line, List<SourceMethod> methods) {

        boolean isNested() {
            return name.contains(".");
        }

        String simpleName() {
            return name.substring(name.lastIndexOf('.') + 1);
        }

        String place() {
            return Repository.nameOf(file) + ":" + line + ": " + name;
        }
    }

    /// A method or constructor with a body.
    ///
    /// @param name the name, such as "Lexer.next"
    /// @param line the first line, including annotations
    /// @param lines the number of lines
    record SourceMethod(String name, long line, long lines) {}

    private SourceTypes() {}

    /// Parses files.
    ///
    /// @param files Java sources
    /// @return the types in the files, including nested types
    static List<SourceType> in(List<Path> files) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            Iterable<? extends JavaFileObject> objects = manager.getJavaFileObjectsFromPaths(files);
            JavacTask task = (JavacTask) compiler.getTask(null, manager, null, List.of("-proc:none"), null, objects);
            DocTrees trees = DocTrees.instance(task);
            List<SourceType> types = new ArrayList<>();
            for (CompilationUnitTree unit : task.parse()) {
                new Collector(unit, trees.getSourcePositions(), types).scan(unit, null);
            }
            return types;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A visitor of one file.
    private static final class Collector extends TreePathScanner<@Nullable Void, @Nullable Void> {

        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<SourceType> types;
        private final List<String> around = new ArrayList<>();

        Collector(CompilationUnitTree unit, SourcePositions positions, List<SourceType> types) {
            this.unit = unit;
            this.positions = positions;
            this.types = types;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void ignored) {
            if (type.getSimpleName().isEmpty()) {
                return super.visitClass(type, null);
            }
            around.add(type.getSimpleName().toString());
            String name = String.join(".", around);
            List<SourceMethod> methods = type.getMembers().stream()
                    .filter(member -> member instanceof MethodTree method && method.getBody() != null)
                    .map(member -> method(name, (MethodTree) member))
                    .filter(method -> method.line() > 0)
                    .toList();
            types.add(new SourceType(
                    Path.of(unit.getSourceFile().toUri()),
                    name,
                    line(positions.getStartPosition(unit, type)),
                    methods));
            super.visitClass(type, null);
            around.removeLast();
            return null;
        }

        private SourceMethod method(String type, MethodTree method) {
            long end = positions.getEndPosition(unit, method);
            long first = line(positions.getStartPosition(unit, method));
            String name = method.getName().contentEquals("<init>")
                    ? "new"
                    : method.getName().toString();
            return end < 0
                    ? new SourceMethod(name, 0, 0) // the constructor of a record, which nobody wrote
                    : new SourceMethod(type + "." + name, first, line(end) - first + 1);
        }

        private long line(long position) {
            return unit.getLineMap().getLineNumber(position);
        }
    }
}
