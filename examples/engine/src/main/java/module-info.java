/// A program with the engine alone.
module example.engine {
    requires dev.saiki.engine;
}
