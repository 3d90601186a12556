/**
 * Checks the policies against the database when the application starts, and logs what
 * they mean.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.startup;

import org.jspecify.annotations.NullMarked;
