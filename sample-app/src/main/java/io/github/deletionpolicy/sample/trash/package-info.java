/**
 * The trash: what was deleted, when it goes, restore, delete for good.
 */
@NullMarked
package io.github.deletionpolicy.sample.trash;

import org.jspecify.annotations.NullMarked;
