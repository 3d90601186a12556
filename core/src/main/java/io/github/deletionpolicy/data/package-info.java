/**
 * What Spring Data JDBC's mapping says of an aggregate root, and the repositories that
 * obey a policy. Sends deletes through the API and knows nothing of how they are run.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.data;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
