package dev.saiki.cli.model;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.TeacherSection;

/// The description of the frozen teacher in a recipe.
final class TeacherText {

    private TeacherText() {}

    static String of(TeacherSection teacher, Recipe recipe) {
        String text = teacher.text()
                .map(own -> NumberFormats.count(own.sequences()) + (own.sequences() == 1 ? " sequence" : " sequences")
                        + " per step of " + own.dataset() + " in addition to "
                        + NumberFormats.count(recipe.batch().sequences()) + " of the run, at depth " + own.depth())
                .orElse("on the text of the run");
        return teacher.folder(recipe.initialisation()) + ", " + text + "; coefficient "
                + teacher.distillation().coefficient() + ", temperature "
                + teacher.distillation().temperature();
    }
}
