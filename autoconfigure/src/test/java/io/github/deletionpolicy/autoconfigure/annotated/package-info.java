/**
 * An application's package with aggregate roots that say what their deletion means.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.annotated;

import org.jspecify.annotations.NullMarked;
