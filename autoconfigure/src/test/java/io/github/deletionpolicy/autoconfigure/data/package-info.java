/**
 * Tests of repositories and templates beside the policies.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.data;

import org.jspecify.annotations.NullMarked;
