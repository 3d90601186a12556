/**
 * Holds the pages of the documentation against the code that they are about.
 */
@NullMarked
package io.github.deletionpolicy.documentation;

import org.jspecify.annotations.NullMarked;
