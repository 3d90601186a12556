/**
 * What Spring Data JDBC's mapping says of an aggregate root.
 */
@NullMarked
package io.github.deletionpolicy.data;

import org.jspecify.annotations.NullMarked;
