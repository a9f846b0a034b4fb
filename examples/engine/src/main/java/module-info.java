/// A program with the engine only.
module example.engine {
    requires dev.saiki.engine;
}
