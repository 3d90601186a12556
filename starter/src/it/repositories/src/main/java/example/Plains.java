package example;

import org.springframework.data.repository.ListCrudRepository;

interface Plains extends ListCrudRepository<Plain, Long> {

	int deleteByText(String text);

}
