/**
 * For tests of applications that use deletion policies: purge now, and say what became of
 * a row.
 */
@NullMarked
package io.github.deletionpolicy.test;

import org.jspecify.annotations.NullMarked;
