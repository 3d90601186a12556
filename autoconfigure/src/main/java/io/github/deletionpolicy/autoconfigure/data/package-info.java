/**
 * Has the repositories and templates of Spring Data JDBC obey the policies, or stops the
 * start where they would not.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.data;

import org.jspecify.annotations.NullMarked;
