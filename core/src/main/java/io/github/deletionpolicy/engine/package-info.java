/**
 * Builds what one database needs, once.
 */
@NullMarked
package io.github.deletionpolicy.engine;

import org.jspecify.annotations.NullMarked;
