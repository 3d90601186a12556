/**
 * For tests of applications that use deletion policies: purge now, and assertions.
 */
@NullMarked
package io.github.deletionpolicy.test;

import org.jspecify.annotations.NullMarked;
